"""Run networks that enlarge pictures: the protocol that the runtimes' classes for them keep."""

from typing import Protocol

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError


class UpscalerRunner(Protocol):
    """An opened upscaler.

    Attributes:
        runtime: name and version of what executes it, such as "onnxruntime 1.32.0".
        factor: how many times longer a side gets.
        pixel_input: pictures are rounded to 8 bits on the way in.
        pixel_output: pictures are rounded to 8 bits on the way out.
    """

    runtime: str
    factor: int
    pixel_input: bool
    pixel_output: bool

    def enlarge(self, image: Floats) -> Floats:
        """`[1,3,H,W]` in [0,1] to `[1,3,factor*H,factor*W]`.

        Raises:
            ArtifactError: the runtime fails, or what comes out has another size or numbers that are not finite.
        """
        ...


def check_enlarged(value: object, image: Floats, factor: int) -> Floats:
    """`value` if it is `image`, enlarged so many times, and finite; raise ArtifactError otherwise."""
    enlarged = np.asarray(value, np.float32)
    expected = (*image.shape[:2], *(factor * side for side in image.shape[2:]))
    if enlarged.shape != expected:
        raise ArtifactError(f"the upscaler gives {list(enlarged.shape)} for a picture of {list(image.shape)}")
    if not np.isfinite(enlarged).all():
        raise ArtifactError("the upscaler gives numbers that are not finite: its file is damaged")
    return enlarged
