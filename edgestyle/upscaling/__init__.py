"""Enlarge pictures two or four times with a small network, a tile at a time.

>>> from edgestyle.upscaling import upscale
>>> upscale(image, 2).save("large.png")
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgestyle.upscaling.enlarging import Upscaler, upscale

__all__ = ["Upscaler", "upscale"]


def __getattr__(name: str) -> object:
    """Load ONNX Runtime on first use."""
    if name in __all__:
        from edgestyle.upscaling import enlarging

        return getattr(enlarging, name)
    raise AttributeError(f"module 'edgestyle.upscaling' has no attribute '{name}'")
