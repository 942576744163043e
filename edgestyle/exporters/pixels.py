"""Networks for 8-bit pictures: strength 0 gives back the same bytes."""

from torch import Tensor, nn

from edgestyle.models.renderer import Renderer, blend


class PixelRenderer(nn.Module):
    """The renderer for pictures of values 0 to 255: strength 0 adds an exact zero to the exact pixel."""

    def __init__(self, renderer: Renderer) -> None:
        super().__init__()
        self.renderer = renderer

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        strength = strength.clamp(0, 1).reshape(-1, 1)
        residual = self.renderer.residual(image * (1 / 255), style, strength)
        return blend(image, residual * 255, strength, top=255)
