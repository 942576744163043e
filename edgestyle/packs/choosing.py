"""Which pack a style belongs to: the one the user named, else the shipped one that has it."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from edgestyle.errors import PackError
from edgestyle.packs.loading import load_pack, shipped_packs
from edgestyle.packs.mixing import parse_mix
from edgestyle.packs.pack import Pack
from edgestyle.packs.style_files import SUFFIX

DEFAULT_PACK = "atelier"
_ALIKE = 0.7  # of two names, as difflib measures it: "cartoon2" and "cartoon" are 0.93


def choose_pack(pack: str | Path | None, style: str | None) -> Pack:
    """Load the pack that draws `style`.

    Args:
        pack: a shipped pack's name or a pack's folder; None looks for the style: in the default pack, then in the
            other shipped ones.
        style: a style or a mix as it was typed; None stands for a pack's first.

    Raises:
        PackError: there is no such pack, or several but not the default one have the style; that a pack lacks the
            style shows when it is asked for it.
        MixError: as for `parse_mix`.
    """
    if pack is not None:
        return load_pack(pack)
    default = load_pack(DEFAULT_PACK)
    wanted = parse_mix(style) if style is not None else {}
    if wanted.keys() <= default.styles.keys():
        return default
    having = [other for other in _shipped() if wanted.keys() <= other.styles.keys()]
    if len(having) > 1:
        names = ", ".join(other.name for other in having)
        raise PackError(f"several packs have '{style}': choose one of {names} with --pack")
    return having[0] if having else default


def choose_encoding_pack(pack: str | Path | None) -> Pack:
    """Load a pack that takes the look of a reference picture.

    Args:
        pack: a shipped pack's name or a pack's folder; None for the shipped one that has an encoder, of several the one
            that recolours, as it changes a photo least.

    Raises:
        PackError: there is no such pack, it has no encoder, or several shipped ones could be meant.
    """
    if pack is not None:
        loaded = load_pack(pack)
        if not loaded.encodes:
            raise no_encoder(loaded)
        return loaded
    having = _encoding_packs()
    recolouring = [one for one in having if one.recolours]
    if len(recolouring) == 1:
        return recolouring[0]
    if not having:
        raise PackError("no shipped pack takes the look of a reference picture: name one that does with --pack")
    if len(having) > 1:
        names = ", ".join(one.name for one in having)
        raise PackError(f"several packs take reference pictures: choose one of {names} with --pack")
    return having[0]


def no_encoder(pack: Pack) -> PackError:
    """The error for a reference picture that `pack` cannot take: which shipped packs can."""
    message = f"pack '{pack.name}' has no encoder, so it cannot take the look of a reference picture"
    having = [one.name for one in _encoding_packs()]
    return PackError(f"{message}; {', '.join(having)} can (--pack {having[0]})" if having else message)


def painting_encoders() -> list[str]:
    """Names of the shipped packs that take a reference picture's marks, and not its colours alone."""
    return [pack.name for pack in _encoding_packs() if not pack.recolours]


def _encoding_packs() -> list[Pack]:
    """The shipped packs that have an encoder."""
    return [pack for pack in _shipped() if pack.encodes]


def recolouring_packs() -> list[str]:
    """Names of the shipped packs that recolour photos pixel by pixel."""
    return [pack.name for pack in _shipped() if pack.recolours]


def unknown_style(pack: Pack, wanted: Iterable[str]) -> PackError:
    """The error for styles that `pack` lacks: what it has and at which strengths, and which shipped pack has what was
    wanted, or something called much like it."""
    wanted = list(wanted)
    missing = [name for name in wanted if name not in pack.styles]
    message = f"pack '{pack.name}' has no style {_quoted(missing)}; it has {_with_strengths(pack)}"
    learned = Path(missing[0] + SUFFIX)
    if learned.is_file():
        return PackError(f"{message}; a style that was learned is drawn by its file: --style {learned}")
    others = [other for other in _shipped() if other.folder.resolve() != pack.folder.resolve()]
    for other in others:
        if all(name in other.styles for name in wanted):
            return PackError(f"{message}; pack '{other.name}' has {_quoted(wanted)}: --pack {other.name}")
    for other in others:
        found = [name for name in missing if name in other.styles]
        if found:
            where = f"{_quoted(found)} is in pack '{other.name}' (--pack {other.name})"
            return PackError(f"{message}; {where}, but packs do not mix: each is a network of its own")
    return PackError(f"{message}{_guess(missing[0], pack, others)}")


def _with_strengths(pack: Pack) -> str:
    """A pack's styles, each with the strength that it is drawn at by default."""
    styles = ", ".join(f"{style.name} {style.default_strength:g}" for style in pack.styles.values())
    return f"{styles} (default strengths)"


def _guess(name: str, pack: Pack, others: Sequence[Pack]) -> str:
    """The style that may have been meant, of the pack itself or of another; "" where none is called alike."""
    packs = {style: other for other in (*reversed(others), pack) for style in other.styles}
    alike = get_close_matches(name, packs, 1, _ALIKE)
    if not alike:
        return ""
    found = packs[alike[0]]
    where = "" if found is pack else f" of pack '{found.name}' (--pack {found.name} --style {alike[0]})"
    return f"; did you mean '{alike[0]}'{where}?"


def _shipped() -> Iterator[Pack]:
    return map(load_pack, shipped_packs())


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
