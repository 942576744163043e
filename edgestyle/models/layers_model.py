"""Read models in TensorFlow.js's layers format: a graph in JSON and raw floats, taken for damaged until checked."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError

MAX_GRAPH_BYTES = 2**20
MAX_WEIGHTS_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Layer:
    """A layer of the graph.

    Attributes:
        kind: Keras's class, such as "Conv2D".
        options: its configuration.
        inputs: names of the layers that it takes, in order.
    """

    kind: str
    options: dict[str, Any]
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class LayersModel:
    """A model as it was found.

    Attributes:
        layers: by name, each after those that it takes.
        weights: float32 by name, such as "F_0/kernel" `[height,width,in,out]`.
        output: the layer whose picture is the result.
    """

    layers: dict[str, Layer]
    weights: dict[str, Floats]
    output: str


def read_layers_model(folder: Path) -> LayersModel:
    """Read `model.json` of a folder and the file of weights beside it that it names.

    Raises:
        ArtifactError: a file is missing, damaged, too large, outside the folder or of another size than the graph
            says, or holds numbers that are no finite float32.
    """
    file = folder / "model.json"
    try:
        if file.stat().st_size > MAX_GRAPH_BYTES:
            raise ArtifactError(f"{file} is larger than {MAX_GRAPH_BYTES // 2**20} MB")
        data = json.loads(file.read_text(encoding="utf-8"))
        layers, output = _read_graph(data["modelTopology"]["model_config"]["config"])
        (group,) = data["weightsManifest"]
        (name,) = group["paths"]
        weights = _read_weights(_inside(folder, name), _shapes(group["weights"]))
    except OSError as error:
        raise ArtifactError(f"cannot read a layers model from {folder}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        reason = f"{type(error).__name__} {error}".strip()
        raise ArtifactError(f"{file} is no TensorFlow.js layers model with one file of weights ({reason})") from error
    return LayersModel(layers, weights, output)


def _read_graph(config: Any) -> tuple[dict[str, Layer], str]:
    """Every layer by name, and which is the output; raises as a damaged graph makes it."""
    layers: dict[str, Layer] = {}
    for entry in config["layers"]:
        nodes = entry["inbound_nodes"]
        inputs = tuple(str(source[0]) for source in nodes[0]) if nodes else ()
        if len(nodes) > 1 or entry["name"] in layers or not set(inputs) <= layers.keys():
            raise ValueError(f"layer '{entry['name']}' stands twice, or before what it takes")
        layers[str(entry["name"])] = Layer(str(entry["class_name"]), dict(entry["config"]), inputs)
    ((output, *_),) = config["output_layers"]
    if output not in layers:
        raise ValueError(f"there is no layer '{output}'")
    return layers, output


def _shapes(entries: Any) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor, in the order of the file."""
    shapes: dict[str, tuple[int, ...]] = {}
    for entry in entries:
        shape = tuple(entry["shape"])
        if entry["dtype"] != "float32" or "quantization" in entry or entry["name"] in shapes:
            raise ValueError(f"'{entry['name']}' is no float32, or stands twice")
        if not all(type(side) is int and side > 0 for side in shape):
            raise ValueError(f"'{entry['name']}' has the shape {list(shape)}")
        shapes[str(entry["name"])] = shape
    return shapes


def _inside(folder: Path, name: str) -> Path:
    if Path(name).name != name or not name.strip("."):
        raise ArtifactError(f"{folder / 'model.json'} points out of its folder: {name}")
    return folder / name


def _read_weights(file: Path, shapes: dict[str, tuple[int, ...]]) -> dict[str, Floats]:
    """The tensors one after the other; the file's size is compared before anything is allocated."""
    expected = 4 * sum(math.prod(shape) for shape in shapes.values())
    found = file.stat().st_size
    if found != expected or found > MAX_WEIGHTS_BYTES:
        limit = f"and the limit {MAX_WEIGHTS_BYTES}"
        raise ArtifactError(f"{file} has {found} bytes, where the graph says {expected} {limit}")
    flat = np.fromfile(file, "<f4").astype(np.float32)
    if not np.isfinite(flat).all():
        raise ArtifactError(f"{file} holds numbers that are not finite")
    ends = np.cumsum([math.prod(shape) for shape in shapes.values()])
    parts = np.split(flat, ends[:-1])
    return {name: part.reshape(shape) for part, (name, shape) in zip(parts, shapes.items(), strict=True)}
