"""What Java class files declare, and what they refer to (The Java Virtual Machine Specification, chapter 4)."""

import struct
from dataclasses import dataclass, field
from pathlib import Path

_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_PRIVATE, _SYNTHETIC = 0x0002, 0x1000


@dataclass(frozen=True)
class Member:
    """A field or method: name, descriptor, whether it is deprecated or nullable, and its value if it is a constant."""

    name: str
    descriptor: str
    deprecated: bool = False
    constant: int | str | None = None
    nullable: bool = False


@dataclass
class ClassFile:
    """A class.

    Attributes:
        name: with slashes.
        parents: its superclass and interfaces.
        members: that are not private.
        refers: names and descriptors of members of any class that its code mentions.
        implements: names of methods that it implements by lambdas.
    """

    name: str
    parents: list[str]
    members: list[Member] = field(default_factory=list)
    refers: set[tuple[str, str]] = field(default_factory=set)
    implements: set[str] = field(default_factory=set)


def read_folder(folder: Path) -> list[ClassFile]:
    """All classes in a folder."""
    return [_Reader(path.read_bytes()).read() for path in sorted(folder.rglob("*.class"))]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 8
        self._pool: dict[int, tuple[int, bytes]] = {}

    def read(self) -> ClassFile:
        self._read_pool()
        self._at += 2  # access flags
        name, parent = self._class(self._u2()), self._u2()
        interfaces = [self._class(self._u2()) for _ in range(self._u2())]
        result = ClassFile(name, [self._class(parent)] * bool(parent) + interfaces)
        result.members = [*self._members(), *self._members()]
        for tag, content in self._pool.values():
            if tag in (9, 10, 11):
                result.refers.add(self._name_and_type(struct.unpack(">HH", content)[1]))
            elif tag == 18:
                result.implements.add(self._name_and_type(struct.unpack(">HH", content)[1])[0])
        return result

    def _read_pool(self) -> None:
        count, index = self._u2(), 1
        while index < count:
            tag = self._data[self._at]
            self._at += 1
            size = self._u2() if tag == 1 else _SIZES[tag]
            self._pool[index] = (tag, self._data[self._at : self._at + size])
            self._at += size
            index += 2 if tag in (5, 6) else 1

    def _members(self) -> list[Member]:
        found = []
        for _ in range(self._u2()):
            flags, name, descriptor = self._u2(), self._text(self._u2()), self._text(self._u2())
            attributes = self._attributes()
            deprecated = "Deprecated" in attributes
            constant = self._constant(attributes.get("ConstantValue"))
            if not flags & (_PRIVATE | _SYNTHETIC):
                nullable = self._is_nullable(attributes.get("RuntimeInvisibleAnnotations"))
                found.append(Member(name, descriptor, deprecated, constant, nullable))
        return found

    def _attributes(self) -> dict[str, bytes]:
        found = {}
        for _ in range(self._u2()):
            name, size = self._text(self._u2()), struct.unpack_from(">I", self._data, self._at)[0]
            self._at += 4
            found[name] = self._data[self._at : self._at + size]
            self._at += size
        return found

    def _constant(self, attribute: bytes | None) -> int | str | None:
        if attribute is None:
            return None
        tag, content = self._pool[struct.unpack(">H", attribute)[0]]
        if tag == 8:
            return self._text(struct.unpack(">H", content)[0])
        return int(struct.unpack(">i", content)[0]) if tag == 3 else None

    def _is_nullable(self, annotations: bytes | None) -> bool:
        """Whether the first of a member's annotations says that its value may be null."""
        if annotations is None:
            return False
        return self._text(struct.unpack(">HH", annotations[:4])[1]).endswith("/Nullable;")

    def _name_and_type(self, index: int) -> tuple[str, str]:
        name, descriptor = struct.unpack(">HH", self._pool[index][1])
        return self._text(name), self._text(descriptor)

    def _class(self, index: int) -> str:
        return self._text(struct.unpack(">H", self._pool[index][1])[0])

    def _text(self, index: int) -> str:
        return self._pool[index][1].decode("utf-8", "replace")

    def _u2(self) -> int:
        self._at += 2
        return int(struct.unpack_from(">H", self._data, self._at - 2)[0])
