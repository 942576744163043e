"""Stubs stand for exactly the members that are used, and those are as in the real SDK."""

import re

import pytest

from tests.android import building, classfiles, sdk
from tests.independent.conftest import need

OTHERS = ("com/google/", "androidx/", "dev/edgestyle/")  # not of the platform
Stub = tuple[classfiles.ClassFile, classfiles.Member]


@pytest.fixture(scope="module")
def stubs(built: building.Built) -> list[Stub]:
    classes = classfiles.read_folder(built.classes["stubs"])
    return [(one, member) for one in classes if not one.name.startswith("dev/") for member in one.members]


@pytest.fixture(scope="module")
def types() -> dict[str, sdk.Type]:
    need(sdk.DECLARATIONS.exists(), f"the SDK's declarations are missing: {building.HOW}")
    return sdk.read_types()


def sources() -> dict[str, str]:
    """Kotlin files by name."""
    folders = [*building.KIT_SOURCES, *building.APP_SOURCES]
    return {path.name: path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.kt")}


def test_every_stub_member_is_used(built: building.Built, stubs: list[Stub]) -> None:
    used = [one for name in ("kit", "app") for one in classfiles.read_folder(built.classes[name])]
    refers = set[tuple[str, str]]().union(*(one.refers for one in used))
    overrides = {(member.name, member.descriptor) for one in used for member in one.members}
    lambdas = set[str]().union(*(one.implements for one in used))
    text = "\n".join(sources().values())
    unused = [
        f"{owner.name}.{member.name}{member.descriptor}"
        for owner, member in stubs
        if member.name not in ("<init>", "<clinit>", "values", "valueOf", "toString", "value")
        and (member.name, member.descriptor) not in refers | overrides
        and member.name not in lambdas
        and not (member.constant is not None and re.search(rf"\b{member.name}\b", text))
        and not _is_getter_of_used_setter(member, refers)
    ]
    assert not unused, "\n".join(unused)


def _is_getter_of_used_setter(member: classfiles.Member, refers: set[tuple[str, str]]) -> bool:
    """Kotlin assigns to a property only where there is a getter too."""
    name = re.sub("^(get|is)", "set", member.name)
    return name != member.name and any(other == name for other, _ in refers)


def test_stubs_are_members_of_the_real_sdk(stubs: list[Stub], types: dict[str, sdk.Type]) -> None:
    wrong = []
    for owner, member in _platform(stubs):
        declared = _declared(owner, member, types)
        if not declared:
            wrong.append(f"{owner.name}.{member.name}{member.descriptor} is not in the SDK")
        elif member.constant is not None and not any(_same_value(member.constant, one.kind) for one in declared):
            wrong.append(f"{owner.name}.{member.name} is {declared[0].kind} in the SDK, not {member.constant!r}")
    assert not wrong, "\n".join(wrong)


def test_deprecated_members_are_marked_so_that_the_compiler_warns(
    stubs: list[Stub], types: dict[str, sdk.Type]
) -> None:
    level, wrong = int(building.version("compileSdk")), []
    for owner, member in _platform(stubs):
        until = [one.deprecated for one in _declared(owner, member, types)]
        deprecated = bool(until) and all(one is not None and one <= level for one in until)
        if deprecated != member.deprecated:
            wrong.append(f"{owner.name}.{member.name}: deprecated in API {until}, marked: {member.deprecated}")
    assert not wrong, "\n".join(wrong)


def test_values_that_may_be_null_are_marked_so_that_the_compiler_asks(
    stubs: list[Stub], types: dict[str, sdk.Type]
) -> None:
    wrong = []
    for owner, member in _platform(stubs):
        kinds = [one.kind for one in _declared(owner, member, types) if member.descriptor.startswith("(")]
        nullable = bool(kinds) and all(kind.endswith("| null") for kind in kinds)
        if nullable != member.nullable:
            wrong.append(f"{owner.name}.{member.name}: {kinds} in the SDK, marked nullable: {member.nullable}")
    assert not wrong, "\n".join(wrong)


def test_members_newer_than_the_oldest_phone_are_guarded(stubs: list[Stub], types: dict[str, sdk.Type]) -> None:
    oldest, wrong = int(building.version("minSdk")), []
    for owner, member in _platform(stubs):
        since = min((one.since for one in _declared(owner, member, types)), default=1)
        if since <= oldest or (member.constant is not None and "Media" not in owner.name and "Power" not in owner.name):
            continue  # a constant is copied into the code
        spoken = re.sub("^(get|set|is)(.)", lambda found: found[2].lower(), member.name)
        for name, text in sources().items():
            mentions = (
                re.search(rf"\b({member.name}|{spoken})\b", text) and owner.name.rsplit("/", 1)[1].split("$")[0] in text
            )
            levels = [int(level) for level in re.findall(r"SDK_INT [<>]=? (\d+)", text)]
            if mentions and max(levels, default=0) < since:
                wrong.append(f"{name} uses {owner.name}.{member.name}, of API {since}, without looking at SDK_INT")
    assert not wrong, "\n".join(wrong)


def test_sdk_checks_can_fail(types: dict[str, sdk.Type]) -> None:
    assert sdk.find_members(types, "android.widget.Spinner", "getSelectedItemPosition")  # inherited
    assert not sdk.find_members(types, "android.view.View", "setVisibly")
    (found,) = sdk.find_members(types, "android.graphics.Canvas", "drawARGB")
    assert sdk.fits(["number"] * 4, found.parameters)
    assert not sdk.fits(["number"] * 3, found.parameters)
    (thermal,) = sdk.find_members(types, "android.os.PowerManager", "getCurrentThermalStatus")
    assert thermal.since == 29
    assert not _same_value(8, "4")


def _platform(stubs: list[Stub]) -> list[Stub]:
    skipped = ("<clinit>", "values", "valueOf", "toString")
    inherited = [stub for stub in stubs if stub[1].name not in skipped and not stub[0].name.startswith(OTHERS)]
    return [
        stub for stub in inherited if stub[0].name != "android/annotation/SuppressLint"
    ]  # hidden in the SDK's stubs


def _declared(owner: classfiles.ClassFile, member: classfiles.Member, types: dict[str, sdk.Type]) -> list[sdk.Declared]:
    name = owner.name.replace("/", ".").replace("$", ".")
    if member.name == "<init>":
        if name in types and member.descriptor == "()V":
            return [sdk.Declared("constructor", (), "", 1, None)]  # the compiler gives each stub one
        found = types[name].members if name in types else []
        found = [one for one in found if one.name == "constructor"]
    else:
        found = sdk.find_members(types, name, member.name)
    if not member.descriptor.startswith("("):
        return [one for one in found if one.parameters is None]
    return [one for one in found if sdk.fits(sdk.parameters_of(member.descriptor), one.parameters)]


def _same_value(constant: int | str, kind: str) -> bool:
    return kind in ("number", "string", "boolean") or kind in (str(constant), f'"{constant}"')
