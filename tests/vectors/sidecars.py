"""Vectors of sidecars: good ones, and those that an app has to refuse, with what is wrong."""

import hashlib
import json
import math
from typing import Any

from edgestyle.contract import encoder_spec, generator_spec, mapping_spec, renderer_spec

MODEL = "a model's bytes"
MOST_BYTES = 4_000_000  # of a sidecar that an app reads; the largest that edgestyle writes has 70 KB
FOLDERS: tuple[dict[str, str], ...] = (
    {
        "Manifest.json": "{}",
        "Data/com.apple.CoreML/model.mlmodel": "m",
        "Data/com.apple.CoreML/weights/weight.bin": "ww",
    },
    {"a/b": "1", "a.txt": "2", "b": "3", "B": "4", "a/B/c": "5"},
    {"only": ""},
)
_STYLES = {
    "cartoon": {"vector": [0.5, -1.25, 3.0], "default_strength": 0.8},
    "öl": {"vector": [-0.75, 0.5, 0.001], "default_strength": 1.0},
}
_BUILDERS = {
    "renderer": lambda: renderer_spec("NCHW", 3),
    "encoder": lambda: encoder_spec("NCHW", 3),
    "generator": lambda: generator_spec("NCHW", 3, 64),
    "mapping": lambda: mapping_spec(4, 3),
}


def topics() -> dict[str, dict[str, Any]]:
    """The one topic by name of its file."""
    return {"sidecars": _sidecars(), "folders": _folders()}


def sidecar(kind: str = "renderer", **changes: Any) -> dict[str, Any]:
    """A good sidecar of `MODEL`, with changes; a change to `...` takes the key away."""
    spec = _BUILDERS[kind]()
    whole: dict[str, Any] = {
        "contract_version": 1, "pack": "toy", "component": kind, "format": "onnx", "recipe": "w8",
        "inputs": [tensor.to_json() for tensor in spec.inputs],
        "outputs": [tensor.to_json() for tensor in spec.outputs],
        "size_multiple": spec.size_multiple, "sizes": [512], "working_size": 1024, "free_size": kind == "renderer",
        "styles": _STYLES, "sha256": hashlib.sha256(MODEL.encode()).hexdigest(), "size_bytes": len(MODEL.encode()),
        "licences": {"pack": "Apache-2.0"},
    }  # fmt: skip
    if kind in ("generator", "mapping"):
        whole |= {"mean_style": [0.0, 0.1, 0.2]}
    if kind == "mapping":
        whole |= {"latents": 4}
    whole |= changes
    return {key: value for key, value in whole.items() if value is not ...}


def _good() -> list[tuple[str, dict[str, Any]]]:
    return [
        ("renderer", sidecar()),
        ("encoder", sidecar("encoder")),
        ("generator", sidecar("generator")),
        ("mapping", sidecar("mapping")),
        ("without component, which is a renderer", sidecar(component=...)),
        ("draws at full size", sidecar(working_size="full")),
        ("says more than is known", sidecar(later={"deep": [1, {"er": None}]})),
        ("avatars without names", sidecar("generator", styles={})),
        ("Core ML", sidecar(format="coreml", sizes=[256, 512])),
    ]


def _vector(first: object) -> dict[str, Any]:
    return {"cartoon": {"vector": [first, 0.0, 1.0], "default_strength": 1.0}}


def _bad() -> list[tuple[str, str | dict[str, Any], list[str]]]:
    """Name, text or JSON, and the errors of which an app gives one."""
    nan = json.dumps(sidecar(styles=_vector(math.nan)))
    return [
        ("nothing", "", ["not_json"]),
        ("no JSON", "<html>404</html>", ["not_json"]),
        ("cut short", json.dumps(sidecar())[:200], ["not_json"]),
        ("a list", "[1, 2]", ["not_json", "wrong_type"]),
        ("NaN, which is no JSON", nan, ["not_json", "bad_vector"]),
        ("a number beyond all", nan.replace("NaN", "1e999"), ["not_json", "bad_vector"]),
        ("a number beyond float32", sidecar(styles=_vector(1e39)), ["bad_vector"]),
        ("deep as a well", "[" * 100_000, ["not_json", "too_large"]),
        ("of contract 2", sidecar(contract_version=2), ["unsupported_contract"]),
        ("of contract 0", sidecar(contract_version=0), ["unsupported_contract"]),
        ("contract in words", sidecar(contract_version="one"), ["unsupported_contract", "wrong_type"]),
        *[(f"without {key}", sidecar(**{key: ...}), ["missing_field"])
          for key in ("contract_version", "pack", "format", "recipe", "sha256", "size_bytes", "sizes", "styles")],
        ("a pack that is a number", sidecar(pack=7), ["wrong_type"]),
        ("styles in a list", sidecar(styles=[1]), ["wrong_type"]),
        ("a vector in words", sidecar(styles={"a": {"vector": "long"}}), ["wrong_type"]),
        ("a vector too short", sidecar(styles={"a": {"vector": [1.0], "default_strength": 1.0}}), ["bad_vector"]),
        ("no sizes", sidecar(sizes=[]), ["bad_size"]),
        ("an odd size", sidecar(sizes=[513]), ["bad_size"]),
        ("a size of nothing", sidecar(sizes=[0]), ["bad_size"]),
        ("a huge size", sidecar(sizes=[2**20]), ["bad_size"]),
        ("another model's sha256", sidecar(sha256="0" * 64), ["changed"]),
        ("another length", sidecar(size_bytes=3), ["changed"]),
    ]  # fmt: skip


NOT_PYTHONS = {  # what edgestyle's own reader lets pass: it reads no vectors there
    "NaN, which is no JSON", "a number beyond all", "a number beyond float32", "a vector too short",
}  # fmt: skip


def _sidecars() -> dict[str, Any]:
    good = [{"name": name, "text": json.dumps(data, ensure_ascii=False)} for name, data in _good()]
    bad = []
    for name, data, errors in _bad():
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        long = name == "deep as a well"
        case = {
            "name": name,
            "text": "[" if long else text,
            "errors": errors,
            "edgestyle_refuses": name not in NOT_PYTHONS,
        }
        bad.append(case | ({"times": len(text)} if long else {}))
    return {
        "what": (
            "sidecars of a model file whose bytes are model, in UTF-8. errors are the kinds of which an app's reader "
            "gives one; times: the text is repeated so often. A file that is not there is missing_model, a sidecar "
            "that is not there missing_sidecar, and one of more than most_bytes too_large. edgestyle_refuses: "
            "Python's reader too."
        ),
        "model": MODEL,
        "most_bytes": MOST_BYTES,
        "good": good,
        "bad": bad,
    }


def _folders() -> dict[str, Any]:
    return {
        "what": (
            "sha256 of an .mlpackage, which is a folder: over its files, sorted by their path, folder by folder (a/b "
            "comes before a.txt); of each, the path inside with / between, a zero byte, and the contents. size_bytes "
            "is the sum."
        ),
        "cases": [{"files": files, "sha256": folder_sha256(files), "size_bytes": sum(map(len, files.values()))}
                  for files in FOLDERS],
    }  # fmt: skip


def folder_sha256(files: dict[str, str]) -> str:
    """The same as `file_sha256`, of contents in memory."""
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.split("/")):
        digest.update(path.encode() + b"\0" + files[path].encode())
    return digest.hexdigest()
