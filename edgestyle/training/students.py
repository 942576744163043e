"""Students: networks in training, with where their style vectors come from."""

import torch
from torch import Tensor, nn

from edgestyle.models.colour import ColourConfig, ColourRenderer
from edgestyle.models.encoder import Encoder, EncoderConfig
from edgestyle.models.renderer import Renderer, RendererConfig


class Student(nn.Module):
    """A renderer with the style vectors it learns, `styles [S,D]`."""

    def __init__(self, config: RendererConfig, styles: int) -> None:
        super().__init__()
        self.renderer = Renderer(config)
        self.styles = nn.Parameter(0.5 * torch.randn(styles, config.style_dimensions))

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        stylized: Tensor = self.renderer(image, self.styles[style], strength)
        return stylized


class PhotographicStudent(nn.Module):
    """A colour renderer with the encoder that tells it the look of a reference picture."""

    def __init__(self, config: ColourConfig, encoder: EncoderConfig) -> None:
        super().__init__()
        self.renderer = ColourRenderer(config)
        self.encoder = Encoder(encoder)

    def forward(self, image: Tensor, reference: Tensor, strength: Tensor) -> Tensor:
        """Recolour `image` `[N,3,H,W]` after `reference` `[N,3,256,256]`, both in [0,1], by `strength` `[N]`."""
        recoloured: Tensor = self.renderer(image, self.encoder(reference), strength)
        return recoloured


AnyStudent = Student | PhotographicStudent
