"""Arrows point down only, and the light parts stay light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "edgestyle"
MODULES = sorted(ROOT.rglob("*.py"))

# who may import whom; a folder always may import itself and the ground
GROUND = {"errors", "contract", "arrays", "images", "markdown", "sidecar", "quiet"}
ALLOWED = {
    "models": set(),
    "teachers": {"models"},
    "runtime": set(),
    "quality": {"models", "teachers"},
    "packs": {"models", "runtime"},
    "training": {"models", "teachers", "quality", "packs"},
    "exporters": {"models", "runtime", "packs", "quality", "upscaling"},
    "bench": {"runtime", "packs"},
    "video": set(),
    "selfie": {"packs", "runtime"},
    "upscaling": {"runtime"},
    "report": {"exporters", "bench", "runtime", "packs", "quality", "models"},
    "cli": {
        "report",
        "training",
        "exporters",
        "bench",
        "runtime",
        "packs",
        "quality",
        "teachers",
        "models",
        "video",
        "selfie",
        "upscaling",
    },
}
PARTS = GROUND | ALLOWED.keys()
LIGHT_PARTS = ("contract.py", "sidecar.py", "runtime", "bench", "video", "selfie", "upscaling", "cli")
LIGHT = [p for p in MODULES if p.relative_to(ROOT).parts[0] in LIGHT_PARTS]


def imported_parts(path: Path) -> set[str]:
    """Second parts of `edgestyle.X` imported anywhere in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith("edgestyle.")} & PARTS


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes that run when a file is loaded."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda) and not type_checking(child):
            yield child
            yield from outside_functions(child)


def type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def top_level_imports(path: Path) -> set[str]:
    """First parts of everything imported when the file is loaded."""
    names = set()
    for node in outside_functions(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    part = path.relative_to(ROOT).parts[0].removesuffix(".py")
    allowed = ALLOWED.get(part, {"packs"} if part == "__init__" else {"cli"} if part == "__main__" else set())
    assert imported_parts(path) <= allowed | {part} | GROUND
    assert not [node for node in ast.walk(ast.parse(path.read_text())) if getattr(node, "level", 0)], "relative import"


@pytest.mark.parametrize("path", LIGHT, ids=lambda p: str(p.relative_to(ROOT)))
def test_light_modules_load_no_torch(path: Path) -> None:
    assert not top_level_imports(path) & {"torch", "coremltools", "onnx"}


@pytest.mark.parametrize(
    "code",
    [
        "import edgestyle",
        "import edgestyle.cli.main",
        "import edgestyle; edgestyle.load_pack('atelier').style()",
        "import edgestyle, numpy; edgestyle.load_pack('atelier').stylize(numpy.zeros((9, 9, 3), 'uint8'))",
        "import edgestyle.video.redrawing, edgestyle.packs.mixing, edgestyle.packs.choosing",
        "import edgestyle; edgestyle.load_avatars",
        "import edgestyle.packs.kept_faces, edgestyle.cli.avatar_faces, edgestyle.cli.avatar_sheets",
        "import edgestyle.selfie.making, edgestyle.selfie.record",
        "import edgestyle.upscaling, numpy; edgestyle.upscaling.upscale(numpy.zeros((9, 9, 3), 'uint8'), 2)",
        "import edgestyle.bench.targets.host, edgestyle.bench.worker",
    ],
)
def test_torch_is_not_loaded(code: str) -> None:
    heavy = "{'torch', 'lightning_fabric', 'coremltools', 'onnx', 'matplotlib', 'scipy'}"
    check = f"{code}; import sys; sys.exit(str({heavy} & set(sys.modules)) if {heavy} & set(sys.modules) else 0)"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_the_layers_catch_a_violation(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    for line in ("from edgestyle.exporters.bundle import export_pack", "from edgestyle import exporters"):
        bad.write_text(f"def f():\n    {line}\n")
        assert not imported_parts(bad) <= ALLOWED["bench"] | GROUND
    bad.write_text("with open('x'):\n    import torch\n")
    assert "torch" in top_level_imports(bad)


def test_files_and_functions_stay_short() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno <= 60, f"{path}: {node.name}"
