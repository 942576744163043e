"""Read and write pictures. In memory a picture is `uint8 [H,W,3]`, sRGB, upright; alpha is kept apart."""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageCms, ImageOps

from edgestyle.arrays import Floats as Floats
from edgestyle.arrays import Pixels as Pixels
from edgestyle.arrays import to_floats as to_floats
from edgestyle.arrays import to_pixels as to_pixels
from edgestyle.errors import ContractError, OutputError, PictureError
from edgestyle.quiet import SilentWarnings

PictureLike = TypeVar("PictureLike", Image.Image, Pixels)

MAX_PIXELS = 178_000_000  # what Pillow calls a decompression bomb starts just above
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".avif"})
_SILENT = SilentWarnings()
_WITH_ALPHA = frozenset({".png", ".webp", ".tif", ".tiff", ".avif"})


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: `uint8 [H,W,3]`, sRGB, turned upright.
        alpha: `uint8 [H,W]`, or None where the file has no transparency.
    """

    pixels: Pixels
    alpha: Pixels | None = None


def read_picture(path: str | os.PathLike[str]) -> Picture:
    """Read any picture Pillow opens: EXIF-turned, grey, palette, CMYK, 16-bit, with a colour profile or with alpha.

    Raises:
        PictureError: the file is missing, is no picture, is cut short or has more than `MAX_PIXELS` pixels.
    """
    with _opened(Path(path), str(path)) as image:
        return decode(image)


def read_picture_bytes(data: bytes, name: str) -> Picture:
    """The same for a picture held in memory; `name` is what errors call it."""
    with _opened(io.BytesIO(data), name) as image:
        return decode(image)


def check_picture_header(path: Path) -> None:
    """Read a picture's header only; raise PictureError if there is none. Damage further in shows when it is read."""
    with _opened(path, str(path)):
        pass


def write_picture(picture: Picture, path: str | os.PathLike[str], quality: int = 95) -> None:
    """Write `picture` in the format of the name's suffix, whole or not at all.

    Formats without transparency get it composed over white; `quality`, 1 to 100, is of those that lose some.

    Raises:
        OutputError: the suffix is no picture format, or the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    kind = Image.registered_extensions().get(suffix)
    if kind is None or kind not in Image.SAVE:
        raise OutputError(f"cannot write pictures as '{path.suffix}': use .png, .jpg or .webp")
    image = _as_image(picture if suffix in _WITH_ALPHA else Picture(over_white(picture)))
    options = {"quality": quality} if kind in ("JPEG", "WEBP") else {}
    if kind == "JPEG":
        options["subsampling"] = 0
    with whole_file(path) as temporary:
        try:
            image.save(temporary, format=kind, **options)
        except (ValueError, RuntimeError) as error:  # such as sides a format cannot hold
            raise OutputError(f"cannot write {path}: {error}") from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`, renamed to it on success and deleted on any failure.

    Raises:
        OutputError: the folder cannot be made or written, or the disk is full.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def as_picture(image: Image.Image | Pixels) -> Picture:
    """Take a Pillow image or an array `uint8 [H,W,3]` for a picture. Raises ContractError for anything else."""
    if isinstance(image, Image.Image):
        return decode(image)
    if not isinstance(image, np.ndarray):
        raise ContractError(
            f"a picture is a Pillow image or an array, not {type(image).__name__}: Image.open reads files"
        )
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ContractError(f"a picture array is uint8 [H,W,3], not {image.dtype} {list(image.shape)}")
    return Picture(image)


def like_original(picture: Picture, original: PictureLike) -> PictureLike:
    """Give `picture` the type of `original`: an array for an array, a Pillow image for a Pillow image."""
    if not isinstance(original, Image.Image):
        return picture.pixels
    return _as_image(picture)


@contextmanager
def output_errors(folder: Path) -> Iterator[None]:
    """Turn an OSError inside into OutputError about `folder`."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write into {folder}: {error.strerror or error}") from error


def make_folder(path: Path) -> None:
    """Make a folder and its parents; raise OutputError where that cannot be done."""
    with output_errors(path):
        path.mkdir(parents=True, exist_ok=True)


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Lanczos-resize `uint8 [H,W,3]` to `width` x `height`."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def average_to(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resize `uint8 [H,W,3]` to `width` x `height`, each pixel the mean of the area that it covers."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX))


def over_white(picture: Picture) -> Pixels:
    """A picture's pixels `uint8 [H,W,3]`, composed over white where it is transparent."""
    if picture.alpha is None:
        return picture.pixels
    image = _as_image(picture)
    return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB"))


def middle_square(pixels: Pixels) -> Pixels:
    """The largest square in the middle of `uint8 [H,W,3]`."""
    return middle(pixels, min(pixels.shape[:2]))


def middle(pixels: Pixels, side: int) -> Pixels:
    """The `side` x `side` in the middle of `uint8 [H,W,3]`, which is at least so large."""
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    return np.ascontiguousarray(pixels[top : top + side, left : left + side])


def fit(pixels: Pixels, long_side: int) -> Pixels:
    """Shrink `uint8 [H,W,3]` to a long side of at most `long_side`, never to nothing."""
    height, width = pixels.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    return resize(pixels, max(1, round(width * scale)), max(1, round(height * scale)))


def pad_to(image: Floats, height: int, width: int) -> Floats:
    """Repeat the bottom and right edges of `[1,3,h,w]` until it is `[1,3,height,width]`, no smaller than it was."""
    missing = (height - image.shape[2], width - image.shape[3])
    if missing == (0, 0):
        return image
    return np.pad(image, ((0, 0), (0, 0), (0, missing[0]), (0, missing[1])), mode="edge")


def decode(image: Image.Image) -> Picture:
    """Turn a Pillow image upright and bring it to 8-bit sRGB, whatever its mode and profile."""
    if image.width * image.height > MAX_PIXELS:
        raise PictureError(f"a picture of {image.width}x{image.height} is over {MAX_PIXELS // 1_000_000} megapixels")
    image.load()
    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    alpha = None
    if image.has_transparency_data:
        alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    return Picture(np.asarray(_to_srgb(_to_8_bit(image), profile)), alpha)


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Bring 16-bit grey and 32-bit integer or float pictures to 8 bits."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image, dtype=np.float64)
    top = 255.0 if values.max(initial=0.0) <= 255 and image.mode in ("I", "F") else 65535.0
    if image.mode == "F" and values.max(initial=0.0) <= 1:
        top = 1.0
    return Image.fromarray((np.clip(values / top, 0, 1) * 255 + 0.5).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to 8-bit RGB through the embedded colour profile, where there is a usable one."""
    if image.mode not in ("RGB", "CMYK", "L", "LAB"):
        image = image.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return turned if turned is not None else image.convert("RGB")
        except (ImageCms.PyCMSError, OSError):
            pass  # a damaged profile, or one for other channels: the plain conversion is the best there is
    return image.convert("RGB")


@contextmanager
def _opened(source: Path | io.BytesIO, name: str) -> Iterator[Image.Image]:
    """Open a picture and turn whatever its decoder raises into PictureError; decoders raise anything."""
    try:
        if isinstance(source, Path) and not source.is_file():
            raise PictureError(f"no such picture: {name}")
        with _SILENT, Image.open(source, formats=_safe_formats()) as image:
            yield image
    except PictureError as error:
        raise PictureError(str(error) if name in str(error) else f"{name}: {error}") from error
    except Exception as error:
        called = repr(str(source) if isinstance(source, Path) else source)
        reason = str(error).replace(called, "").strip() or type(error).__name__
        raise PictureError(f"{name} is not a readable picture ({reason})") from error


def _safe_formats() -> list[str]:
    """All of Pillow's formats but those that are programs: EPS starts Ghostscript, WMF asks Windows to draw."""
    Image.init()
    return [name for name in Image.OPEN if name not in ("EPS", "WMF")]


def _as_image(picture: Picture) -> Image.Image:
    image = Image.fromarray(picture.pixels)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    return image


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
