"""Style models for phones: train, quantize, export, check and time them.

>>> import edgestyle
>>> edgestyle.load_pack("atelier").stylize(image, style="cartoon", strength=0.7)
>>> edgestyle.load_avatars("faces").draw(7)
"""

from typing import TYPE_CHECKING

from edgestyle.errors import EdgestyleError

if TYPE_CHECKING:
    from edgestyle.packs.avatars import AvatarPack, load_avatars
    from edgestyle.packs.loading import load_pack, shipped_avatars, shipped_packs
    from edgestyle.packs.pack import Pack

__all__ = [
    "AvatarPack",
    "EdgestyleError",
    "Pack",
    "__version__",
    "load_avatars",
    "load_pack",
    "shipped_avatars",
    "shipped_packs",
]
__version__ = "0.2.0"


def __getattr__(name: str) -> object:
    """Load the pack modules on first use: importing edgestyle stays instant."""
    if name in ("Pack", "load_pack", "shipped_avatars", "shipped_packs"):
        from edgestyle.packs import loading

        return getattr(loading, name)
    if name in ("AvatarPack", "load_avatars"):
        from edgestyle.packs import avatars

        return getattr(avatars, name)
    raise AttributeError(f"module 'edgestyle' has no attribute '{name}'")
