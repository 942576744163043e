"""Generators in files: safetensors with their configuration beside the weights, nothing that could run."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from edgestyle.errors import ArtifactError
from edgestyle.images import whole_file
from edgestyle.models.stylegan import Generator, GeneratorConfig
from edgestyle.models.weights import read_weights

_KEY = "generator"


def save_generator(generator: Generator, path: Path, notes: dict[str, Any]) -> None:
    """Write weights, configuration and `notes`, which JSON can hold, whole or not at all."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in generator.state_dict().items()}
    about = json.dumps({"config": asdict(generator.config), "notes": notes})
    with whole_file(path) as temporary:
        temporary.write_bytes(save(tensors, metadata={_KEY: about}))


def load_generator(path: Path) -> tuple[Generator, dict[str, Any]]:
    """A generator, frozen, and the notes that were saved with it.

    Raises:
        ArtifactError: the file is missing, damaged, too large or holds something else.
    """
    if not path.is_file():
        raise ArtifactError(
            f"there is no file {path}: give the best.safetensors that `edgestyle train-generator` writes into its "
            "--run folder"
        )
    tensors = read_weights(path)
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})[_KEY])
        generator = Generator(GeneratorConfig(**about["config"]))
        generator.load_state_dict(tensors)
        notes = dict(about["notes"])
    except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise ArtifactError(f"{path} does not hold a generator: {str(error).splitlines()[0]}") from error
    return generator.eval().requires_grad_(False), notes
