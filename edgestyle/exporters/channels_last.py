"""Networks with pictures `[N,H,W,3]`, as TFLite has them, of operators that its GPU delegate takes."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.models.renderer import Renderer, add_residual, blend


class ChannelsLast(nn.Module):
    """The renderer for pictures `float32 [N,H,W,3]` in [0,1]; the skip stays in that layout."""

    def __init__(self, renderer: Renderer) -> None:
        super().__init__()
        self.renderer = renderer

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> dict[str, Tensor]:
        strength = clamp_to_one(strength).reshape(-1, 1)
        residual = self.renderer.residual(image.permute(0, 3, 1, 2), style, strength)
        return {"stylized": clamp_to_one(add_residual(image, residual.permute(0, 2, 3, 1), strength))}


class ChannelsLastBytes(nn.Module):
    """The same for `uint8 [N,H,W,3]`, as cameras and bitmaps have them: float32 inside, rounded at the end."""

    def __init__(self, renderer: Renderer) -> None:
        super().__init__()
        self.renderer = renderer

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> dict[str, Tensor]:
        strength, pixels = clamp_to_one(strength).reshape(-1, 1), image.float()
        residual = self.renderer.residual(pixels.permute(0, 3, 1, 2) * (1 / 255), style, strength)
        stylized = blend(pixels, residual.permute(0, 2, 3, 1) * 255, strength, top=255)
        return {"stylized": (stylized + 0.5).to(torch.uint8)}  # the cast cuts off what is behind the point


def clamp_to_one(x: Tensor) -> Tensor:
    """`x.clamp(0, 1)`, the same numbers, by `RELU6` and `MINIMUM`.

    The converter makes `RELU_0_TO_1` of the plain form, which the GPU delegate hands back to the CPU
    (tensorflow/lite/tools/versioning/gpu_compatibility.cc).
    """
    return F.relu6(x).clamp(max=1)
