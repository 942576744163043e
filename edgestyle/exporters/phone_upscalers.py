"""Export the upscalers for phones, and prove that every file draws the same picture.

python -m edgestyle.exporters.phone_upscalers -o phone/ --side 256

A file takes one square tile of a picture, with a margin of 20 pixels on each side that is cut off of what comes out:
tiles that overlap by twice the margin join without a seam. Beyond a picture's border its outermost pixels are repeated.
Beside each file is a sidecar, `<file>.json`, with its tensors, factor, margin, sha256, parity and licence.
"""

import argparse
import importlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgestyle.contract import CONTRACT_VERSION, FACTORS, UPSCALER_MARGIN, check_factor, upscaler_spec
from edgestyle.errors import ContractError, ExportError, MissingExtraError
from edgestyle.exporters.describing import tool_versions
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.placing import put_in_place, workshop_in
from edgestyle.exporters.upscalers import ABOUT, UpscalerParity, check_upscaler, load_shipped
from edgestyle.exporters.workbenches import conversion_errors
from edgestyle.models.upscaler import SteadyUpscaler
from edgestyle.runtime.upscaler import UpscalerRunner
from edgestyle.sidecar import file_sha256, file_size_bytes

MIN_PSNR_DB = {"float32": 100.0, "float16": 60.0}  # of a recipe's pictures to the network's, before any rounding
LARGEST_SIDE = 1024

Write = Callable[[SteadyUpscaler, Path, str, int, dict[str, str]], None]
_RUNNERS = {"onnx": "OnnxUpscaler", "coreml": "CoreMLUpscaler", "tflite": "TFLiteUpscaler"}


@dataclass(frozen=True)
class ExportedUpscaler:
    """A file that passed the gate."""

    path: Path
    size_bytes: int
    parity: UpscalerParity


def main() -> None:
    """Export what was asked for, and print a line a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the files and their sidecars")
    parser.add_argument("--factor", type=int, action="append", help="2 or 4; may be repeated; both")
    parser.add_argument("--format", action="append", help="onnx, coreml or tflite; may be repeated; all of them")
    parser.add_argument("--recipe", action="append", help="float32 or float16; may be repeated; both")
    parser.add_argument("--side", type=int, default=256, help="of a tile with its margin, pixels")
    options = parser.parse_args()
    jobs = options.factor or FACTORS, options.format or list(FORMATS), options.recipe or list(MIN_PSNR_DB)
    for one in export_upscalers(options.output, *jobs, options.side):
        print(f"{one.path}  {one.size_bytes / 1000:.0f} KB, {one.parity.min_psnr_db:.1f} dB from the network at worst")


def export_upscalers(
    folder: Path, factors: Sequence[int], formats: Sequence[str], recipes: Sequence[str], side: int
) -> list[ExportedUpscaler]:
    """Export the upscalers that come with edgestyle.

    Args:
        folder: for the files and their sidecars.
        factors, formats, recipes: every one with every other.
        side: of the square tile that a file takes, with its margin, pixels.

    Raises:
        ContractError: another factor, or a side that is no multiple of 8 or leaves nothing between the margins.
        ExportError: an unknown format or recipe.
        MissingExtraError: a format's package is not installed.
        ParityError: a file draws another picture; it is not left behind.
        OutputError: the folder cannot be written.
    """
    if side % 8 or not 2 * UPSCALER_MARGIN < side <= LARGEST_SIDE:
        raise ContractError(
            f"tiles have a side of a multiple of 8 above {2 * UPSCALER_MARGIN}, up to {LARGEST_SIDE}, not {side}"
        )
    for factor in factors:
        check_factor(factor)
    for name, known in [(name, FORMATS) for name in formats] + [(name, MIN_PSNR_DB) for name in recipes]:
        if name not in known:
            raise ExportError(f"upscalers are not exported as '{name}'; known: {', '.join(known)}")
    networks = {factor: load_shipped(factor) for factor in factors}
    return [
        _export(network, folder, name, recipe, side)
        for network in networks.values()
        for name in formats
        for recipe in recipes
    ]


def _export(network: SteadyUpscaler, folder: Path, name: str, recipe: str, side: int) -> ExportedUpscaler:
    """One file, moved into place when it passed the gate."""
    factor, known = network.config.factor, FORMATS[name]
    path = folder / f"upscaler-x{factor}-{side}-{recipe}{known.suffix}"
    metadata = {"component": "upscaler", "recipe": recipe, "factor": str(factor), "margin": str(UPSCALER_MARGIN)}
    metadata |= {"licence": ABOUT["licence"], "source": ABOUT["source"]}
    write = _import(name, known.module, "export_upscaler")
    with workshop_in(folder) as workshop:
        built = workshop / path.name
        with conversion_errors(path.name):
            write(network, built, recipe, side, metadata)
        parity = check_upscaler(_open(name, built, factor), network, MIN_PSNR_DB[recipe], (side, side))
        put_in_place(built, path, make_sidecar(name, recipe, factor, side, built, parity))
    return ExportedUpscaler(path, file_size_bytes(path), parity)


def make_sidecar(name: str, recipe: str, factor: int, side: int, path: Path, parity: UpscalerParity) -> dict[str, Any]:
    """What an app must know of a file: its tensors, and how tiles are laid."""
    spec = upscaler_spec(FORMATS[name].layout, factor, side)
    return {
        "contract_version": CONTRACT_VERSION,
        "component": spec.component,
        "format": name,
        "recipe": recipe,
        "factor": factor,
        "side": side,
        "margin": UPSCALER_MARGIN,
        "inputs": [tensor.to_json() for tensor in spec.inputs],
        "outputs": [tensor.to_json() for tensor in spec.outputs],
        "sha256": file_sha256(path),
        "size_bytes": file_size_bytes(path),
        "parity": asdict(parity),
        "tools": tool_versions(name),
        **{key: ABOUT[key] for key in ("licence", "credit", "source")},
    }


def _open(name: str, path: Path, factor: int) -> UpscalerRunner:
    """The file in the runtime of its format."""
    runner: UpscalerRunner = _import(name, f"edgestyle.runtime.{name}", _RUNNERS[name])(path, factor)
    return runner


def _import(name: str, module: str, function: str) -> Callable[..., Any]:
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    except ImportError as error:
        raise MissingExtraError(FORMATS[name].package, "export") from error
    return found


if __name__ == "__main__":
    main()
