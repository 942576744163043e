"""Networks for 8-bit pictures: strength 0 gives back the same bytes."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models import AnyEncoder, AnyRenderer
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.renderer import blend
from edgestyle.models.upscaler import SteadyUpscaler


class PixelRenderer(nn.Module):
    """The renderer for pictures of values 0 to 255: strength 0 adds an exact zero to the exact pixel."""

    def __init__(self, renderer: AnyRenderer) -> None:
        super().__init__()
        self.renderer = renderer

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        return self.draw(image, style, strength.clamp(0, 1).reshape(-1, 1))

    def draw(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        """The same for a strength `[N,1]` that is in [0,1] already."""
        residual = self.renderer.residual(image * (1 / 255), style, strength)
        return blend(image, residual * 255, strength, top=255)


class BytesRenderer(nn.Module):
    """The same for `uint8 [N,3,H,W]`, as cameras and bitmaps have them: float32 inside, rounded at the end."""

    def __init__(self, renderer: AnyRenderer) -> None:
        super().__init__()
        self.pixels = PixelRenderer(renderer)

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        stylized = self.pixels.draw(image.float(), style, clamp_to_one(strength).reshape(-1, 1))
        return (stylized + 0.5).to(torch.uint8)  # the cast cuts off what is behind the point


class PixelEncoder(nn.Module):
    """An encoder or inverter for pictures of values 0 to 255, floats or bytes."""

    def __init__(self, encoder: AnyEncoder | InversionEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, reference: Tensor) -> Tensor:
        vector: Tensor = self.encoder(reference.float() * (1 / 255))
        return vector


class PixelUpscaler(nn.Module):
    """An upscaler for pictures of values 0 to 255."""

    def __init__(self, upscaler: SteadyUpscaler) -> None:
        super().__init__()
        self.upscaler = upscaler

    def forward(self, image: Tensor) -> Tensor:
        enlarged: Tensor = self.upscaler(image * (1 / 255)) * 255
        return enlarged


def clamp_to_one(x: Tensor) -> Tensor:
    """`x.clamp(0, 1)`, the same numbers, by `RELU6` and `MINIMUM`.

    TFLite's converter makes `RELU_0_TO_1` of the plain form, which the GPU delegate hands back to the CPU
    (tensorflow/lite/tools/versioning/gpu_compatibility.cc).
    """
    return F.relu6(x).clamp(max=1)
