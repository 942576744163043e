"""Tiny models in TensorFlow.js's layers format, with ESRGAN-slim's graph, and what such a graph computes."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def conv(name: str, source: str, filters: int, side: int) -> dict[str, Any]:
    options = {
        "filters": filters, "kernel_size": [side, side], "strides": [1, 1], "padding": "same", "groups": 1,
        "data_format": "channels_last", "dilation_rate": [1, 1], "activation": "linear", "use_bias": True,
    }  # fmt: skip
    return layer("Conv2D", name, [source], options)


def layer(kind: str, name: str, sources: list[str], options: dict[str, Any]) -> dict[str, Any]:
    inbound = [[[source, 0, 0, {}] for source in sources]] if sources else []
    return {"class_name": kind, "name": name, "config": {"name": name, **options}, "inbound_nodes": inbound}


def make_graph(factor: int, width: int = 6, growth: int = 2, wide: int = 5, narrow: int = 4) -> list[dict[str, Any]]:
    """The layers of ESRGAN-slim, narrower."""
    layers = [
        layer("InputLayer", "LR", [], {}),
        conv("F_m1", "LR", width, 3),
        conv("F_0", "F_m1", width, 3),
    ]
    source = "F_0"
    for block in (1, 2):
        grown, joined = f"F_{block}_1", f"RDB_Concat_{block}_1"
        layers += [
            conv(grown, source, growth, 3),
            layer("Activation", f"{grown}_Relu", [grown], {"activation": "relu"}),
            layer("Concatenate", joined, [source, f"{grown}_Relu"], {"axis": 3}),
            conv(f"LFF_{block}", joined, width, 1),
            layer("Add", f"LRL_{block}", [f"LFF_{block}", source], {}),
        ]
        source = f"LRL_{block}"
    return [
        *layers,
        layer("Concatenate", "LRLs_Concat", ["LRL_1", "LRL_2"], {"axis": 3}),
        conv("GFF_1", "LRLs_Concat", width, 1),
        conv("GFF_2", "GFF_1", width, 3),
        layer("Add", "FDF", ["GFF_2", "F_m1"], {}),
        conv("UPN1", "FDF", wide, 5),
        layer("Activation", "UPN1_Relu", ["UPN1"], {"activation": "relu"}),
        conv("UPN2", "UPN1_Relu", narrow, 3),
        layer("Activation", "UPN2_Relu", ["UPN2"], {"activation": "relu"}),
        conv("UPN3", "UPN2_Relu", 3 * factor**2, 3),
        layer(
            "UpSampling2D", "UPsample", ["UPN3"],
            {"size": [factor, factor], "interpolation": "nearest", "data_format": "channels_last"},
        ),
        conv("SR", "UPsample", 3, 3),
    ]  # fmt: skip


def make_weights(layers: list[dict[str, Any]], seed: int = 0) -> dict[str, Array]:
    """Random weights that keep the size of what goes through, with biases that matter at 255 levels."""
    rng = np.random.default_rng(seed)
    channels, weights = {"LR": 3}, {}
    for one in layers[1:]:
        name, sources = one["name"], [source[0] for source in one["inbound_nodes"][0]]
        taken = sum(channels[source] for source in sources)
        if one["class_name"] == "Conv2D":
            side, filters = one["config"]["kernel_size"][0], one["config"]["filters"]
            weights[f"{name}/kernel"] = rng.normal(0, (side * side * taken) ** -0.5, (side, side, taken, filters))
            weights[f"{name}/bias"] = rng.normal(0, 20, filters)
            taken = filters
        channels[name] = channels[sources[0]] if one["class_name"] == "Add" else taken
    return weights


def write_model(folder: Path, layers: list[dict[str, Any]], weights: dict[str, Array], **changes: Any) -> Path:
    """Write both files; `changes` replace entries of `model.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(weights)
    manifest = [{"name": name, "shape": list(weights[name].shape), "dtype": "float32"} for name in names]
    config = {"name": "generator", "layers": layers, "input_layers": [["LR", 0, 0]], "output_layers": [["SR", 0, 0]]}
    data = {
        "format": "layers-model",
        "modelTopology": {"model_config": {"class_name": "Functional", "config": config}},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": manifest}],
    }
    (folder / "model.json").write_text(json.dumps({**data, **changes}))
    (folder / "weights.bin").write_bytes(b"".join(weights[name].astype("<f4").tobytes() for name in names))
    return folder


def make_model(folder: Path, factor: int, seed: int = 0) -> Path:
    """A whole tiny model with random weights."""
    layers = make_graph(factor)
    return write_model(folder, layers, make_weights(layers, seed))


def evaluate(folder: Path, picture: Array) -> Array:
    """What the graph in a folder makes of a picture `[H,W,3]`, layer by layer as the files say, in float64."""
    data = json.loads((folder / "model.json").read_text())
    config = data["modelTopology"]["model_config"]["config"]
    (group,) = data["weightsManifest"]
    raw, start, weights = np.fromfile(folder / group["paths"][0], "<f4").astype(np.float64), 0, {}
    for entry in group["weights"]:
        end = start + math.prod(entry["shape"])
        weights[entry["name"]], start = raw[start:end].reshape(entry["shape"]), end
    values: dict[str, Array] = {}
    for one in config["layers"]:
        taken = [values[source[0]] for source in one["inbound_nodes"][0]] if one["inbound_nodes"] else []
        values[one["name"]] = compute(one, taken, weights, picture)
    return values[config["output_layers"][0][0]]


def compute(one: dict[str, Any], taken: list[Array], weights: dict[str, Array], picture: Array) -> Array:
    kind, name = one["class_name"], one["name"]
    if kind == "InputLayer":
        return picture
    if kind == "Conv2D":
        return convolve(taken[0], weights[f"{name}/kernel"], weights[f"{name}/bias"])
    if kind == "Activation":
        return np.maximum(taken[0], 0)
    if kind == "Concatenate":
        return np.concatenate(taken, axis=2)
    if kind == "Add":
        return taken[0] + taken[1]
    assert kind == "UpSampling2D"
    return taken[0].repeat(one["config"]["size"][0], axis=0).repeat(one["config"]["size"][1], axis=1)


def convolve(x: Array, kernel: Array, bias: Array) -> Array:
    """Every pixel of the result is a sum over its neighbourhood; beyond the border are zeros."""
    height, width = x.shape[:2]
    side = kernel.shape[0]
    padded = np.pad(x, ((side // 2, side // 2), (side // 2, side // 2), (0, 0)))
    result = np.empty((height, width, kernel.shape[3]))
    for row, column in np.ndindex(height, width):
        result[row, column] = np.tensordot(padded[row : row + side, column : column + side], kernel, 3) + bias
    return result
