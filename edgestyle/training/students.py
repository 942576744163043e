"""Students: networks in training, with where their style vectors come from."""

import torch
from torch import Tensor, nn

from edgestyle.models.colour import USUAL_SPREADS, ColourConfig, ColourRenderer
from edgestyle.models.encoder import Encoder, EncoderConfig
from edgestyle.models.palette import KEPT
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
    """A colour renderer, the encoder that tells it the look of a reference, and looks by name, `looks [L,D]`."""

    def __init__(self, config: ColourConfig, encoder: EncoderConfig, looks: int) -> None:
        super().__init__()
        self.renderer = ColourRenderer(config)
        self.encoder = Encoder(encoder)
        self.looks = nn.Parameter(_unlearned_looks(looks, config.style_dimensions))

    def forward(self, image: Tensor, reference: Tensor, strength: Tensor, look: Tensor | None = None) -> Tensor:
        """Recolour `image` `[N,3,H,W]` after `reference` `[N,3,256,256]`, both in [0,1], by `strength` `[N]`.

        Where `look` `[N]` is the index of a look and not -1, the look is drawn, whatever the reference.
        """
        style = self.encoder(reference)
        if look is not None:
            style = torch.where(look[:, None] < 0, style, self.looks[look.clamp(min=0)])
        recoloured: Tensor = self.renderer(image, style, strength)
        return recoloured


def _unlearned_looks(looks: int, dimensions: int) -> Tensor:
    """Vectors `[L,D]` that keep a picture's palette and differ where a network learns what to make of it."""
    vectors = 0.5 * torch.randn(looks, dimensions)
    vectors[:, : KEPT + 1] = 0
    vectors[:, 3:6] = torch.tensor(USUAL_SPREADS)
    vectors[:, KEPT] = 1
    return vectors


AnyStudent = Student | PhotographicStudent
