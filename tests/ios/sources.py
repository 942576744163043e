"""The iOS demo's files, and what its Swift says in words that are shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
IOS = ROOT / "ios_demo"
APP = IOS / "EdgeStyleDemo"
KIT = IOS / "EdgeStyleKit"
SWIFT = sorted(
    path for folder in (APP, KIT, IOS / "stubs") for path in folder.rglob("*.swift") if ".build" not in path.parts
)

# what takes a key of the string catalogue as its first argument
_SHOWN = frozenset({
    "Text", "Label", "Button", "Picker", "Section", "LabeledContent", "TextField", "navigationTitle",
    "accessibilityLabel", "accessibilityHint", "LocalizedStringKey",
})  # fmt: skip
_WHOLE_NUMBERS = (b"megapixels",)


def parse(source: bytes) -> Any:
    """The syntax tree of Swift."""
    tree_sitter = pytest.importorskip("tree_sitter")
    swift = pytest.importorskip("tree_sitter_swift")
    return tree_sitter.Parser(tree_sitter.Language(swift.language())).parse(source)


def broken_places(node: Any) -> Iterator[str]:
    """Lines and columns of what the grammar does not know or misses."""
    if node.is_error or node.is_missing:
        yield f"{node.start_point.row + 1}:{node.start_point.column + 1}"
    for child in node.children:
        yield from broken_places(child)


def shown_keys(node: Any) -> Iterator[str]:
    """Keys of the string catalogue that a file uses: literals in views, and in `String(localized:)`."""
    if node.type == "call_expression":
        callee = node.children[0].text.decode().rpartition(".")[2]
        values = list(_arguments(node))
        if values and (callee in _SHOWN or (callee == "String" and values[0].text.startswith(b"localized:"))):
            yield from _keys_in(values[0])
    if node.type == "computed_property" and b"LocalizedStringKey" in node.parent.text.split(b"{")[0]:
        yield from (key_of(literal) for literal in _literals(node))
    for child in node.children:
        yield from shown_keys(child)


def _arguments(call: Any) -> Iterator[Any]:
    for suffix in call.children[1:]:
        for arguments in suffix.children:
            if arguments.type == "value_arguments":
                yield from (child for child in arguments.children if child.type == "value_argument")


def _keys_in(argument: Any) -> Iterator[str]:
    """The literal that an argument is, or both of a choice."""
    for child in argument.children:
        if child.type == "line_string_literal":
            yield key_of(child)
        elif child.type == "ternary_expression":
            for part in child.children:
                if part.type == "line_string_literal":
                    yield key_of(part)


def _literals(node: Any) -> Iterator[Any]:
    if node.type == "line_string_literal":
        yield node
        return
    for child in node.children:
        yield from _literals(child)


def key_of(literal: Any) -> str:
    """A literal as the catalogue has it: whole numbers become %lld, all else that is put in %@."""
    parts = []
    for child in literal.children:
        if child.type == "line_str_text":
            parts.append(child.text.decode())
        elif child.type == "\\(":
            parts.append("%lld" if child.next_sibling.text in _WHOLE_NUMBERS else "%@")
    return "".join(parts)
