"""Selfie to cartoon: find the face, level it, cut the person out, stylize, put together.

>>> from edgestyle.selfie import make_selfie
>>> make_selfie(image, style="cartoon", strength=0.8, background="#ffd166", shape="circle").save("me.png")
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgestyle.selfie.making import SelfieMaker, make_selfie

__all__ = ["SelfieMaker", "make_selfie"]


def __getattr__(name: str) -> object:
    """Load LiteRT on first use."""
    if name in __all__:
        from edgestyle.selfie import making

        return getattr(making, name)
    raise AttributeError(f"module 'edgestyle.selfie' has no attribute '{name}'")
