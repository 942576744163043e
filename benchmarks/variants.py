"""Many ways to change a picture, from shipped styles to plain damage, to see whether two measures rank them alike."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.magenta import STYLE_SIDE, Magenta
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.teachers import TEACHERS, Teacher

Change = Callable[[Tensor], Tensor]  # [1,3,384,384] in [0,1] -> the same


def make_variants(pack: str, magenta: Magenta | None, paintings: dict[str, Tensor]) -> dict[str, Change]:
    """Every change by name: a pack's styles at three strengths, teachers, plain changes, Magenta's paintings."""
    loaded = load_pack(pack)
    renderer = load_renderer(loaded)
    variants: dict[str, Change] = {"untouched": lambda image: image}
    for style in loaded.styles.values():
        vector = torch.from_numpy(style.as_input())
        for strength in (0.25, 0.5, 1.0):
            variants[f"{style.name} {strength:g}"] = partial(renderer, style=vector, strength=torch.tensor([strength]))
    variants |= {f"teacher {name}": partial(_teach, teacher) for name, teacher in TEACHERS.items()}
    variants |= PLAIN
    if magenta:
        for name, painting in paintings.items():
            vector = torch.from_numpy(magenta.vector(shrink(painting)))
            for share in (0.5, 1.0):
                variants[f"magenta {name} {share:g}"] = partial(_paint, magenta, vector, share)
    return variants


def _teach(teacher: Teacher, image: Tensor) -> Tensor:
    return teacher(image, 1.0)


def _paint(magenta: Magenta, vector: Tensor, share: float, image: Tensor) -> Tensor:
    """Magenta's result for a vector between the picture's own and a painting's."""
    own = torch.from_numpy(magenta.vector(shrink(image)))
    return magenta.stylize(image, (own + share * (vector - own)).numpy())


def shrink(image: Tensor) -> Tensor:
    """The middle of a picture `[1,3,h,w]` at the size Magenta looks at paintings, `[1,3,256,256]`."""
    side = min(image.shape[2:])
    top, left = ((length - side) // 2 for length in image.shape[2:])
    image = image[..., top : top + side, left : left + side]
    return F.interpolate(image, size=(STYLE_SIDE, STYLE_SIDE), mode="bilinear", antialias=True, align_corners=False)


def _blur(image: Tensor, sigma: float) -> Tensor:
    radius = round(3 * sigma)
    x = torch.arange(-radius, radius + 1, dtype=torch.float32)
    line = torch.exp(-0.5 * (x / sigma) ** 2)
    line = (line / line.sum()).expand(3, 1, 1, -1)
    image = F.conv2d(F.pad(image, (radius, radius, 0, 0), "replicate"), line, groups=3)
    return F.conv2d(F.pad(image, (0, 0, radius, radius), "replicate"), line.transpose(2, 3), groups=3)


def _noise(image: Tensor, sigma: float) -> Tensor:
    return (image + sigma * torch.randn(image.shape, generator=torch.Generator().manual_seed(0))).clamp(0, 1)


def _tint(image: Tensor, *gains: float) -> Tensor:
    return (image * torch.tensor(gains).reshape(1, 3, 1, 1)).clamp(0, 1)


def _contrast(image: Tensor, gain: float) -> Tensor:
    return (0.5 + gain * (image - 0.5)).clamp(0, 1)


PLAIN: dict[str, Change] = {
    "blur 1": lambda image: _blur(image, 1.0),
    "blur 2.5": lambda image: _blur(image, 2.5),
    "blur 6": lambda image: _blur(image, 6.0),
    "noise 0.03": lambda image: _noise(image, 0.03),
    "noise 0.1": lambda image: _noise(image, 0.1),
    "noise 0.25": lambda image: _noise(image, 0.25),
    "warm": lambda image: _tint(image, 1.2, 1.0, 0.7),
    "cold": lambda image: _tint(image, 0.7, 1.0, 1.3),
    "channels turned": lambda image: image[:, [1, 2, 0]],
    "grey": lambda image: image.mean(1, keepdim=True).expand(-1, 3, -1, -1),
    "negative": lambda image: 1 - image,
    "flat": lambda image: _contrast(image, 0.5),
    "hard": lambda image: _contrast(image, 1.8),
    "four levels": lambda image: (image * 3).round() / 3,
    "small squares": lambda image: F.interpolate(F.avg_pool2d(image, 8), scale_factor=8.0),
}
