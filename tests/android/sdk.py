"""Android's public classes as NativeScript declares them for TypeScript, made from the real SDK (API 37)."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.android.building import NODE

DECLARATIONS = NODE / "@nativescript" / "types-android" / "lib" / "android" / "android-platform-37.d.ts"
_OPEN = re.compile(
    r"(?:declare |export )(module|class|abstract class) ([\w$]+)(?:<.*?>)?(?: extends ([\w.$]+))?(.*)\{$"
)
_MEMBER = re.compile(r"(?:public |protected )(static )?(\w+)\??(?:<[^>(]*>)?(\((.*)\))?(?:: (.*))?;$")
_NUMBERS = {"I", "J", "F", "D", "S", "B"}


@dataclass(frozen=True)
class Declared:
    """A member: types of its parameters (None for a field), its type, since and until which API level it is good."""

    name: str
    parameters: tuple[str, ...] | None
    kind: str
    since: int
    deprecated: int | None


@dataclass
class Type:
    """A class or interface with what it extends."""

    parents: list[str]
    members: list[Declared] = field(default_factory=list)


def read_types(path: Path = DECLARATIONS) -> dict[str, Type]:
    """All classes by their dotted names."""
    types, stack = dict[str, Type](), list[str]()
    since, deprecated, skipping = 1, None, False
    for line in map(str.strip, path.open(encoding="utf-8")):
        if skipping:
            skipping = not line.startswith("})")
        elif line.endswith("implementation: {"):
            skipping = True
        elif found := re.search(r"@since (\d+)", line):
            since = int(found[1])
        if found := re.search(r"@deprecated Deprecated in API (\d+)", line):
            deprecated = int(found[1])
        elif found := _OPEN.match(line):
            stack.append(found[2])
            if found[1] != "module":
                parents = [found[3], *re.findall(r"[\w.$]+\.[\w.$]+", found[4] or "")]
                types.setdefault(".".join(stack), Type([one for one in parents if one]))
            since, deprecated = 1, None
        elif line == "}" and stack:
            stack.pop()
        elif (found := _MEMBER.match(line)) and ".".join(stack) in types and not skipping:
            parameters = None if found[3] is None else tuple(_types_of(found[4]))
            types[".".join(stack)].members.append(Declared(found[2], parameters, found[5] or "", since, deprecated))
            since, deprecated = 1, None
    return types


def find_members(types: dict[str, Type], owner: str, name: str) -> list[Declared]:
    """Members of that name in a class, else in what it extends."""
    waiting, seen = [owner], set[str]()
    while waiting:
        current = waiting.pop(0)
        if current in seen or current not in types:
            continue
        seen.add(current)
        if own := [member for member in types[current].members if member.name == name]:
            return own
        waiting += types[current].parents
    return []


def parameters_of(descriptor: str) -> list[str]:
    """TypeScript's types for the parameters in a Java descriptor."""
    inner = descriptor[1 : descriptor.index(")")]
    return [_type_of(part) for part in re.findall(r"\[*(?:[BCDFIJSZ]|L[^;]+;)", inner)]


def fits(wanted: list[str], declared: tuple[str, ...] | None) -> bool:
    """Whether Java's parameters are the declared ones; `any` and type variables take all."""
    if declared is None or len(wanted) != len(declared):
        return False
    return all(one == other or other == "any" or one == "any" for one, other in zip(wanted, declared, strict=True))


def _type_of(part: str) -> str:
    if part.startswith("["):
        return f"androidNative.Array<{_type_of(part[1:])}>"
    if part in _NUMBERS:
        return "number"
    if part in "ZC":
        return "boolean" if part == "Z" else "string"
    name = part[1:-1].replace("/", ".").replace("$", ".")
    if name == "java.lang.Object":
        return "any"
    return "string" if name in ("java.lang.String", "java.lang.CharSequence") else name


def _types_of(text: str) -> list[str]:
    """Types in a parameter list; commas inside of angle brackets part nothing."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += {"<": 1, ">": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [_plain(part.split(":", 1)[1]) for part in parts if ":" in part]


def _plain(text: str) -> str:
    """Without `| null` and without type arguments, but for arrays."""
    kind = text.replace("| null", "").strip().removeprefix("...").strip()
    return kind if kind.startswith("androidNative.Array") else re.sub(r"<.*>", "", kind)
