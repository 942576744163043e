"""Styles of drawn faces that `edgestyle data avatars` knows, and what is varied in each."""

from dataclasses import dataclass, field
from typing import Any

from edgestyle.errors import TrainingError

_SKIN = ("f9d7c0", "f2b78f", "d99a6c", "a8683f", "6b3f26")
_HAIR = ("2b2320", "5a3a27", "8d5a32", "c98a45", "e8c872", "b5432e", "9aa0a6", "4a5fa8", "8a4f9e")
_BACKGROUND = ("f3e9dc", "cfe3f2", "d7efd2", "f7d6d6", "e3dbf5", "fbe8a6")
_NO_MASKS_NOR_MONSTERS = (
    "angryWithFang", "awe", "blank", "calm", "cheeky", "concerned", "concernedFear", "contempt", "cute", "driven",
    "eatingHappy", "explaining", "eyesClosed", "fear", "hectic", "lovingGrin1", "lovingGrin2", "old", "rage", "serious",
    "smile", "smileBig", "smileLOL", "smileTeethGap", "solemn", "suspicious", "tired", "veryAngry",
)  # fmt: skip


@dataclass(frozen=True)
class AvatarStyle:
    """One designer's faces.

    Attributes:
        key: of the style in `@dicebear/collection`.
        attributes: what varies and shows, by DiceBear's names; "background" is the colour behind.
        options: of DiceBear, beside those for all styles; colours are `RRGGBB`.
    """

    key: str
    attributes: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def all_options(self) -> dict[str, Any]:
        """What DiceBear is called with, but for the seed."""
        return {"backgroundColor": _BACKGROUND, **self.options}


AVATAR_STYLES = {
    "lorelei": AvatarStyle(
        "lorelei",
        ("hair", "hairColor", "head", "skinColor", "eyes", "eyebrows", "nose", "mouth", "glasses", "beard",
         "background"),
        # enlarged, so that eyes are more than a dot at 64 pixels; lines thinner than that are left out
        {"skinColor": _SKIN, "hairColor": _HAIR, "scale": 140, "translateY": 8, "hairAccessoriesProbability": 0,
         "frecklesProbability": 0, "earringsProbability": 0},
    ),
    "open-peeps": AvatarStyle(
        "openPeeps",
        ("head", "headContrastColor", "face", "skinColor", "clothingColor", "accessories", "facialHair", "background"),
        {"skinColor": _SKIN, "headContrastColor": _HAIR, "maskProbability": 0, "face": _NO_MASKS_NOR_MONSTERS},
    ),
    "notionists": AvatarStyle(
        "notionists",
        ("hair", "body", "eyes", "brows", "nose", "lips", "glasses", "beard", "background"),
        {"gestureProbability": 0, "bodyIconProbability": 0, "scale": 140, "translateY": 20},
    ),
    "micah": AvatarStyle(
        "micah",
        ("hair", "hairColor", "baseColor", "eyes", "eyebrows", "nose", "mouth", "ears", "glasses", "facialHair",
         "shirt", "shirtColor", "background"),
        {"baseColor": _SKIN, "hairColor": _HAIR, "earringsProbability": 0},
    ),
}  # fmt: skip


def find_style(name: str) -> AvatarStyle:
    """The style called `name`. Raises TrainingError for one that is not known."""
    if name not in AVATAR_STYLES:
        raise TrainingError(f"there is no style of avatars '{name}'; known: {', '.join(AVATAR_STYLES)}")
    return AVATAR_STYLES[name]
