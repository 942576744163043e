"""A network taught by its own float pictures while it computes as int8 would."""

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call

from edgestyle.models.renderer import Renderer
from edgestyle.packs.networks import load_painter
from edgestyle.packs.pack import Pack
from edgestyle.quiet import quiet
from edgestyle.training.batches import Batch
from edgestyle.training.distill import DistillConfig
from edgestyle.training.fake_quantization import fake_quantize
from edgestyle.training.filters import FilterBatches, FilterLesson
from edgestyle.training.photos import Photos
from edgestyle.training.students import Student


class QuantizedStudent(Student):
    """A pack's renderer that computes as the recipe w8a8 does; its style vectors stay as they are.

    `renderer` holds the weights, `arithmetic` the graph with the rounding in it and what it knows of ranges.

    Args:
        renderer: whose weights it starts from.
        styles: the pack's vectors `[S,D]`. The float network draws them too, so they are not trained.
    """

    def __init__(self, renderer: Renderer, styles: Tensor) -> None:
        super().__init__(renderer.config, len(styles))
        self.renderer.load_state_dict(renderer.state_dict())
        self.styles = torch.nn.Parameter(styles.clone(), requires_grad=False)
        self.arithmetic = fake_quantize(self.renderer)
        for module in self.arithmetic.modules():
            for name, _ in list(module.named_parameters(recurse=False)):
                delattr(module, name)  # those of `renderer` take their places

    def __deepcopy__(self, memo: dict[int, Any]) -> "QuantizedStudent":
        """A copy; torch warns of a class of its own on the way."""
        copy = QuantizedStudent.__new__(QuantizedStudent)
        memo[id(self)] = copy
        with quiet():
            copy.__dict__.update(deepcopy(self.__dict__, memo))
        return copy

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        weights: dict[str, Tensor] = dict(self.renderer.named_parameters())
        stylized: Tensor = functional_call(self.arithmetic, weights, (image, self.styles[style], strength))
        return stylized


def quantized_student(pack: Pack) -> QuantizedStudent:
    """A student with the pack's float weights and vectors. Raises PackError where they are damaged."""
    return QuantizedStudent(load_painter(pack), _vectors(pack))


class SelfTaughtBatches(FilterBatches):
    """Maps a step number to its batch, as `FilterBatches` does; the pack's float network is the teacher.

    Args:
        photos: to draw crops from.
        pack: whose network teaches all its styles.
        batch_size, crop_size, seed: as for `FilterBatches`.
    """

    def __init__(self, photos: Photos, pack: Pack, batch_size: int, crop_size: int, seed: int) -> None:
        super().__init__(photos, tuple(pack.styles), batch_size, crop_size, seed)
        self._renderer = load_painter(pack)
        self._vectors = _vectors(pack)

    @torch.no_grad()
    def teach(self, style: int, image: Tensor, strength: float) -> Tensor:
        """What the float network makes of `image` `[1,3,H,W]`."""
        stylized: Tensor = self._renderer(image, self._vectors[style, None], torch.tensor([strength]))
        return stylized


class SelfTaughtLesson(FilterLesson):
    """L1, and the root of each picture's mean squared error.

    The second is what PSNR measures. It keeps few wrong pixels, such as clipped highlights, from hiding in the mean,
    and no style's error, however small, from being drowned by another's.
    """

    def loss(self, stylized: Tensor, batch: Batch, step: int) -> Tensor:
        """What a student is punished for: `stylized` and `batch.target` are `[N,3,H,W]`."""
        del step
        error = stylized - batch.target
        return error.abs().mean() + (error.square().mean((1, 2, 3)) + 1e-12).sqrt().mean()


def open_self_taught_lesson(config: DistillConfig, pack: Pack, photos: Photos) -> SelfTaughtLesson:
    """All styles of a pack, as something to learn again in other arithmetic."""
    batches = SelfTaughtBatches(photos, pack, config.batch_size, config.crop_size, config.seed)
    return SelfTaughtLesson(batches, gradient_weight=0.0)


def _vectors(pack: Pack) -> Tensor:
    return torch.tensor([style.vector for style in pack.styles.values()])
