"""Hundreds of styles to train a base on: pictures, what they measure, and photos to draw in them.

Nothing of it changes while a base is trained, so the slow part, features of pictures, is measured once. Files are
memory maps: several processes on one machine share them.
"""

import json
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import save
from torch import Tensor, nn

from edgestyle.contract import REFERENCE_SIDE
from edgestyle.errors import TrainingError
from edgestyle.images import (
    Pixels,
    average_to,
    make_folder,
    over_white,
    read_picture,
    to_floats,
    to_pixels,
    whole_file,
)
from edgestyle.models.lite_features import SOURCES
from edgestyle.models.texture_encoder import STATISTICS, TextureEncoder
from edgestyle.models.vgg import VGG16Features
from edgestyle.quality.features import SHIPPED_SHA256, load_features
from edgestyle.teachers import TEACHERS
from edgestyle.teachers.perceptual import LAYERS, gram
from edgestyle.training.made_styles import FAMILIES, SIDE, draw_palette, make_style
from edgestyle.training.photos import PhotoCrops, Photos, list_names

HELD_OUT = ("triangles", "waves", "weave")  # families that bases are judged by and never trained on
CROP = 144  # pixels of a photo that losses see
SURROUNDED = 208  # pixels of it that are kept, the crop in their middle
SHOWN = ("relu3_3", "relu4_2")  # layers that say what a photo shows
_THUMBNAIL = 64
_NAMES, _PLAN = "names.json", "plan.json"  # the names are written last, when all is measured
_WIDTHS = {"relu1_2": (64, 1), "relu2_2": (128, 2), "relu3_3": (256, 4), "relu4_2": (512, 8)}  # channels, scale
_GRAMS = sum(width**2 for width, _ in _WIDTHS.values())
_VGG_WIDTHS = {name: width for name, (width, _) in _WIDTHS.items()}
_LITE_WIDTHS = {name: width for name, (_, width) in SOURCES.items()}
_LITE_GRAMS = sum(width**2 for width in _LITE_WIDTHS.values())
_MAPS = sum(_WIDTHS[name][0] * (CROP // _WIDTHS[name][1]) ** 2 for name in SHOWN)
Jobs = list[tuple[str, Callable[[], Pixels]]]  # a name, and what draws the style
Json = TypeVar("Json", list[Any], dict[str, Any])
_FILTERS = ("oil", "watercolour", "ink", "pencil", "pop-art", "cartoon")


@dataclass(frozen=True)
class LibraryPlan:
    """What goes into a library.

    Attributes:
        made: pictures of each family in `made_styles` that is not held out.
        paintings: views of each painting: crops at any zoom, half of them in other colours.
        filtered: photos that a filter drew, of each of six filters.
        photos: crops to draw.
        seed: of everything random.

    Raises:
        TrainingError: there would be no style or no photo.
    """

    made: int = 50
    paintings: int = 50
    filtered: int = 10
    photos: int = 600
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.made, self.photos) < 1 or min(self.paintings, self.filtered) < 0:
            raise TrainingError("a library needs made styles and photos from 1 up, and no fewer than 0 of the rest")


class StyleLibrary:
    """A library that was measured.

    Args:
        folder: where `measure_library` wrote it.

    Attributes:
        names: of the styles, such as "strokes/12".
        statistics: of each, `[n,S]`, as the texture encoder takes them.
        thumbnails: of each, `[n,3,64,64]` in [0,1].
        photos: `uint8 [m,208,208,3]`.
        plan: what it was made of, as JSON.
        sha256: of what names its styles and measures them.

    Raises:
        TrainingError: it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.names, self.plan = _read_json(folder / _NAMES, list), _read_json(folder / _PLAN, dict)
        count = len(self.names)
        self.statistics = _map(folder / "statistics.f32", (count, STATISTICS), torch.float32)
        pixels = np.memmap(folder / "thumbnails.u8", np.uint8, "r").reshape(count, _THUMBNAIL, _THUMBNAIL, 3)
        self.thumbnails = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 255
        self.photos = np.memmap(folder / "photos.u8", np.uint8, "r").reshape(-1, SURROUNDED, SURROUNDED, 3)
        self._grams = _map(folder / "grams.bf16", (count, _GRAMS), torch.bfloat16)
        self._lite_grams = _map(folder / "lite_grams.bf16", (count, _LITE_GRAMS), torch.bfloat16)
        self._photo_grams = _map(folder / "photo_grams.bf16", (len(self.photos), _GRAMS), torch.bfloat16)
        self._photo_maps = _map(folder / "photo_maps.bf16", (len(self.photos), _MAPS), torch.bfloat16)
        self.sha256 = sha256((folder / _NAMES).read_bytes() + (folder / "statistics.f32").read_bytes()).hexdigest()

    def grams(self, styles: Sequence[int]) -> dict[str, Tensor]:
        """Gram matrices `[N,C,C]` of styles by layer."""
        return _split_grams(self._grams[list(styles)], _VGG_WIDTHS)

    def lite_grams(self, styles: Sequence[int]) -> dict[str, Tensor]:
        """Those that the network which comes with edgestyle has of styles: what vectors are fitted by in use."""
        return _split_grams(self._lite_grams[list(styles)], _LITE_WIDTHS)

    def photo_grams(self, photos: Sequence[int]) -> dict[str, Tensor]:
        """Those of photos."""
        return _split_grams(self._photo_grams[list(photos)], _VGG_WIDTHS)

    def photo_maps(self, photos: Sequence[int]) -> dict[str, Tensor]:
        """What photos show, `[N,C,h,w]` by layer."""
        rows, maps, start = self._photo_maps[list(photos)], {}, 0
        for name in SHOWN:
            width, scale = _WIDTHS[name]
            side = CROP // scale
            maps[name] = rows[:, start : start + width * side**2].reshape(-1, width, side, side)
            start += width * side**2
        return maps


def measure_library(
    folder: Path,
    plan: LibraryPlan,
    photos: Photos,
    paintings: Sequence[Path],
    features: VGG16Features,
    encoder: TextureEncoder,
    on_picture: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Draw and measure a library into `folder`; nothing is done where it is already there. Interrupted, it starts anew.

    Args:
        folder: 0.8 MB a style and 1.8 MB a photo.
        plan: how many of what.
        photos: to draw, and to make filtered pictures of.
        paintings: picture files.
        features: VGG16, which becomes bfloat16.
        encoder: whose features are measured.
        on_picture: called after each picture with how many are done, of how many.

    Raises:
        TrainingError: the folder holds a library of another plan, of other photos or paintings, or measured by others.
        PictureError: a painting cannot be read.
        OutputError: the folder cannot be written.
    """
    jobs = plan_styles(plan, photos, paintings)
    made_of = {
        **asdict(plan), "from_photos": list_names(photos), "from_paintings": [path.name for path in paintings],
        "measured_by": {
            "features": _weights_sha256(features), "lite": SHIPPED_SHA256, "encoder": _weights_sha256(encoder.trunk),
        },
    }  # fmt: skip
    if (folder / _NAMES).is_file():
        if _read_json(folder / _PLAN, dict) != made_of:
            raise TrainingError(
                f"{folder} holds a library of other styles or photos, or one measured by other networks: take another "
                "--run, or delete it"
            )
        return
    for path in paintings:
        read_picture(path)  # what is damaged shows now
    make_folder(folder)
    (folder / _PLAN).write_text(json.dumps(made_of, indent=1), encoding="utf-8")
    features = fast(features)
    total = len(jobs) + plan.photos
    _measure_styles(folder, jobs, features, encoder, lambda done: on_picture(done, total))
    _measure_photos(folder, plan, photos, features, lambda done: on_picture(len(jobs) + done, total))
    with whole_file(folder / _NAMES) as temporary:
        temporary.write_text(json.dumps([name for name, _ in jobs]), encoding="utf-8")


def plan_styles(plan: LibraryPlan, photos: Photos, paintings: Sequence[Path]) -> Jobs:
    """Names of all styles, with what draws each."""
    jobs: Jobs = []
    for family in FAMILIES:
        if family not in HELD_OUT:
            jobs += [(f"{family}/{n}", partial(make_style, family, plan.seed + n)) for n in range(plan.made)]
    for path in paintings:
        jobs += [
            (f"{path.stem}/{n}", partial(_view, path, random.Random(os.fsencode(f"{plan.seed}/{path.stem}/{n}")), n))
            for n in range(plan.paintings)
        ]
    crops = PhotoCrops(photos, SIDE)
    for name in _FILTERS:
        jobs += [
            (f"{name}/{n}", partial(_filtered, crops, name, random.Random(f"{plan.seed}/{name}/{n}")))
            for n in range(plan.filtered)
        ]
    return jobs


def fast(features: VGG16Features) -> VGG16Features:
    """The network in bfloat16 and channels last, which is what fast kernels take."""
    features = features.bfloat16()
    for _, convolution in features.named_convolutions():
        weight = convolution.weight.data
        convolution.weight.data = weight.contiguous(memory_format=torch.channels_last)
    return features


def see(features: VGG16Features, image: Tensor) -> dict[str, Tensor]:
    """Maps of `[N,3,H,W]` at all layers that are compared."""
    maps: dict[str, Tensor] = features(image.contiguous(memory_format=torch.channels_last), LAYERS)
    return maps


def _view(path: Path, rng: random.Random, number: int) -> Pixels:
    """A painting whole or a part of it, mirrored or not, every second one in other colours."""
    image = Image.fromarray(over_white(read_picture(path)))
    side = min(image.size) * (1.0 if number == 0 else rng.uniform(0.35, 1.0))
    left, top = (rng.uniform(0, length - side) for length in image.size)
    box = (left, top, left + side, top + side)
    part = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box)
    if rng.random() < 0.5:
        part = ImageOps.mirror(part)
    return _recoloured(part, rng) if number % 2 else np.asarray(part)


def _recoloured(image: Image.Image, rng: random.Random) -> Pixels:
    """Hues turned, more or less of them, or the values run through another palette."""
    if rng.random() < 0.4:
        palette = sorted(draw_palette(rng), key=sum)
        value = np.asarray(image.convert("L"), np.float32) / 255
        places = np.linspace(0, 1, len(palette))
        mapped = np.stack([np.interp(value, places, [c[k] for c in palette]) for k in range(3)], -1)
        share = rng.uniform(0.5, 1)
        return (share * mapped + (1 - share) * np.asarray(image)).round().astype(np.uint8)
    hue, saturation, brightness = image.convert("HSV").split()
    turn, gain = rng.randrange(256), rng.uniform(0.4, 1.4)
    hue = hue.point(lambda x: (x + turn) % 256)
    saturation = saturation.point(lambda x: min(255, int(x * gain)))
    return np.asarray(Image.merge("HSV", (hue, saturation, brightness)).convert("RGB"))


def _filtered(crops: PhotoCrops, name: str, rng: random.Random) -> Pixels:
    photo = torch.from_numpy(to_floats(crops.draw(rng)))
    pixels = to_pixels(TEACHERS[name](photo, rng.uniform(0.7, 1.0)).numpy())
    return _recoloured(Image.fromarray(pixels), rng) if rng.random() < 0.5 else pixels


def _measure_styles(
    folder: Path, jobs: Jobs, features: VGG16Features, encoder: TextureEncoder, on_style: Callable[[int], None]
) -> None:
    lite = load_features()
    with (
        (folder / "grams.bf16").open("wb") as grams,
        (folder / "lite_grams.bf16").open("wb") as lite_grams,
        (folder / "statistics.f32").open("wb") as statistics,
        (folder / "thumbnails.u8").open("wb") as thumbnails,
        torch.no_grad(),
    ):
        for number, (_, make) in enumerate(jobs, 1):
            pixels = make()
            image = torch.from_numpy(to_floats(pixels))
            grams.write(_bytes(_all_grams(see(features, image))))
            lite_grams.write(_bytes(_all_grams(lite.maps(image))))
            small = torch.from_numpy(to_floats(average_to(pixels, REFERENCE_SIDE, REFERENCE_SIDE)))
            statistics.write(encoder.statistics(small).numpy().tobytes())
            thumbnails.write(average_to(pixels, _THUMBNAIL, _THUMBNAIL).tobytes())
            on_style(number)


def _measure_photos(
    folder: Path, plan: LibraryPlan, photos: Photos, features: VGG16Features, on_photo: Callable[[int], None]
) -> None:
    crops, rng = PhotoCrops(photos, SURROUNDED), random.Random(f"{plan.seed}/photos")
    edge = (SURROUNDED - CROP) // 2
    with (
        (folder / "photos.u8").open("wb") as pictures,
        (folder / "photo_grams.bf16").open("wb") as grams,
        (folder / "photo_maps.bf16").open("wb") as shown,
    ):
        for number in range(1, plan.photos + 1):
            pixels = np.ascontiguousarray(crops.draw(rng))
            pictures.write(pixels.tobytes())
            inside = torch.from_numpy(to_floats(pixels))[:, :, edge:-edge, edge:-edge]
            with torch.no_grad():
                maps = see(features, inside)
            grams.write(_bytes(_all_grams(maps)))
            shown.write(_bytes(torch.cat([maps[name].flatten() for name in SHOWN])))
            on_photo(number)


def _all_grams(maps: dict[str, Tensor]) -> Tensor:
    return torch.cat([gram(one).flatten() for one in maps.values()])


def _weights_sha256(network: nn.Module) -> str:
    """Of weights rounded to bfloat16: the same before and after `fast`."""
    weights = {name: value.bfloat16().contiguous() for name, value in network.state_dict().items()}
    return sha256(save(weights)).hexdigest()


def _bytes(values: Tensor) -> bytes:
    return values.detach().to(torch.bfloat16).contiguous().view(torch.uint8).numpy().tobytes()


def _read_json(path: Path, kind: type[Json]) -> Json:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path.parent} holds no library of styles: {error}") from error
    if not isinstance(found, kind) or not found:
        raise TrainingError(f"{path} is damaged: delete {path.parent}, and the library is measured anew")
    return found


def _map(path: Path, shape: tuple[int, int], dtype: torch.dtype) -> Tensor:
    if path.stat().st_size != shape[0] * shape[1] * dtype.itemsize:
        raise TrainingError(f"{path} is damaged: delete {path.parent}, and the library is measured anew")
    return torch.from_file(str(path), shared=False, size=shape[0] * shape[1], dtype=dtype).reshape(shape)


def _split_grams(rows: Tensor, widths: dict[str, int]) -> dict[str, Tensor]:
    parts = rows.float().split([width**2 for width in widths.values()], 1)
    return {name: part.reshape(-1, width, width) for (name, width), part in zip(widths.items(), parts, strict=True)}
