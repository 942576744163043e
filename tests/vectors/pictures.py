"""Vectors of pixels: colour conversion of cameras, turning, padding, tensors, resizing, the detail layer."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgestyle.contract import SIZE_MULTIPLE, SMALLEST_SIDE
from edgestyle.images import Pixels, fit, middle_square, pad_to, to_floats, to_pixels
from edgestyle.packs.stylizing import MOST_PIXELS, _add_detail, largest_size
from tests.vectors.writing import bytes_of, numbers, pixels_of

MATRICES = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}  # what red and blue weigh in luma
RANGES = {"full": (0, 255, 255), "video": (16, 219, 224)}  # luma's black and span, chroma's span


def topics() -> dict[str, dict[str, Any]]:
    """All of them by name of their file."""
    return {
        "yuv": _yuv(), "rotation": _rotation(), "padding": _padding(), "tensors": _tensors(), "sizes": _sizes(),
        "resize": _resize(), "detail": _detail(),
    }  # fmt: skip


def yuv_to_rgb(y: float, u: float, v: float, matrix: str, span: str) -> list[int]:
    """One pixel by ITU-R BT.601-7 or BT.709-6, in float64, rounded half up, cut to 0..255."""
    red, blue = MATRICES[matrix]
    black, luma_span, chroma_span = RANGES[span]
    luma, cb, cr = 255 / luma_span * (y - black), 255 / chroma_span * (u - 128), 255 / chroma_span * (v - 128)
    r, b = luma + 2 * (1 - red) * cr, luma + 2 * (1 - blue) * cb
    g = luma - (2 * (1 - blue) * blue * cb + 2 * (1 - red) * red * cr) / (1 - red - blue)
    return [int(min(255, max(0, np.floor(channel + 0.5)))) for channel in (r, g, b)]


def _yuv() -> dict[str, Any]:
    cases = [
        _yuv_case(number, matrix, span, *shape)
        for number, (matrix, span, shape) in enumerate(
            (matrix, span, shape)
            for matrix in MATRICES
            for span in RANGES
            for shape in ((4, 4, 4, 2, 1), (6, 4, 8, 8, 2), (5, 3, 7, 6, 2), (3, 5, 3, 2, 1), (1, 1, 16, 16, 2))
        )
    ]
    known = [
        {"matrix": matrix, "range": span, "yuv": yuv, "rgb": yuv_to_rgb(*yuv, matrix, span)}
        for matrix in MATRICES
        for span in RANGES
        for yuv in ([0, 128, 128], [16, 128, 128], [235, 128, 128], [255, 128, 128], [81, 90, 240], [145, 54, 34],
                    [41, 240, 110], [128, 0, 255], [128, 255, 0])
    ]  # fmt: skip
    return {
        "what": (
            "4:2:0 pictures of cameras to RGB. Pixel (x, y) has the chroma sample (x / 2, y / 2), whole numbers. "
            "Planes are as buffers give them: rows of *_row_stride bytes, samples pixel_stride bytes apart, the last "
            "row cut after its last sample. With pixel_stride 2, u and v are one interleaved buffer seen from its "
            "first and its second byte (NV12). rgb is row by row, R,G,B; tolerance 1 level."
        ),
        "tolerance": 1,
        "pixels": known,
        "pictures": cases,
    }


def _yuv_case(
    seed: int, matrix: str, span: str, width: int, height: int, y_row_stride: int, uv_row_stride: int, pixel_stride: int
) -> dict[str, Any]:
    across, down = -(-width // 2), -(-height // 2)
    luma = bytes_of(1000 + seed, (height - 1) * y_row_stride + width)
    length = (down - 1) * uv_row_stride + (across - 1) * pixel_stride + 1
    chroma = bytes_of(2000 + seed, (length + 1) if pixel_stride == 2 else 2 * length)
    u, v = (chroma[:-1], chroma[1:]) if pixel_stride == 2 else (chroma[:length], chroma[length:])
    places = [(y // 2 * uv_row_stride + x // 2 * pixel_stride) for y in range(height) for x in range(width)]
    lumas = [luma[y * y_row_stride + x] for y in range(height) for x in range(width)]
    rgb = [yuv_to_rgb(one, u[at], v[at], matrix, span) for one, at in zip(lumas, places, strict=True)]
    return {
        "matrix": matrix, "range": span, "width": width, "height": height, "y_row_stride": y_row_stride,
        "uv_row_stride": uv_row_stride, "uv_pixel_stride": pixel_stride, "y": luma, "u": u, "v": v,
        "rgb": [channel for pixel in rgb for channel in pixel],
    }  # fmt: skip


def turned(values: NDArray[Any], degrees: int, mirrored: bool) -> NDArray[Any]:
    """`[H,W,...]` turned clockwise by quarter turns, then mirrored left to right."""
    upright = np.rot90(values, -degrees // 90)
    return np.ascontiguousarray(upright[:, ::-1] if mirrored else upright)


def _rotation() -> dict[str, Any]:
    cases = []
    for width, height in ((3, 2), (1, 4), (5, 5)):
        values = np.arange(width * height).reshape(height, width)
        for degrees in (0, 90, 180, 270):
            for mirrored in (False, True):
                result = turned(values, degrees, mirrored)
                cases.append({
                    "width": width, "height": height, "pixels": values.ravel().tolist(), "degrees": degrees,
                    "mirrored": mirrored, "result_width": result.shape[1], "result_height": result.shape[0],
                    "result": result.ravel().tolist(),
                })  # fmt: skip
    return {
        "what": (
            "pictures turned clockwise by degrees, so that they are upright, and then mirrored left to right (the "
            "front camera). One number a pixel, row by row."
        ),
        "cases": cases,
    }


def padded_side(side: int, multiple: int = SIZE_MULTIPLE, smallest: int = SMALLEST_SIDE) -> int:
    """The side that a picture is padded to: the next multiple, at least the smallest."""
    return max(smallest, side + -side % multiple)


def _padding() -> dict[str, Any]:
    cases = []
    for number, (height, width, multiple, smallest) in enumerate(
        ((3, 5, 4, 4), (4, 8, 4, 4), (1, 1, 8, 16), (9, 2, 8, 8))
    ):
        values = pixels_of(3000 + number, height, width, 3)
        tall, wide = padded_side(height, multiple, smallest), padded_side(width, multiple, smallest)
        padded = to_pixels(pad_to(to_floats(values), tall, wide))
        cases.append({
            "height": height, "width": width, "size_multiple": multiple, "smallest_side": smallest,
            "padded_height": tall, "padded_width": wide, "rgb": values.ravel().tolist(),
            "padded_rgb": padded.ravel().tolist(),
        })  # fmt: skip
    sides = (1, 7, 8, 31, 32, 33, 40, 255, 256, 257, 720, 1023, 1024, 1080, 1081)
    return {
        "what": (
            "pictures padded for a network: each side becomes the next multiple of size_multiple, at least "
            "smallest_side; the right column and the bottom row are repeated, the picture stays at the top left, and "
            "the result is cropped to the picture's size again. rgb is row by row, R,G,B."
        ),
        "size_multiple": SIZE_MULTIPLE,
        "smallest_side": SMALLEST_SIDE,
        "sides": [{"side": side, "padded": padded_side(side)} for side in sides],
        "pictures": cases,
    }


def _tensors() -> dict[str, Any]:
    pixels = pixels_of(4000, 2, 3, 3)
    floats = to_floats(pixels)
    halves = [level / 255 for level in (0.4999, 0.5001, 1.4999, 1.5001, 253.4999, 253.5001, 254.5001)]
    results = np.array([-1.0, -0.001, 0.0, *halves, 0.25, 0.5, 0.75, 1.0, 1.001, 7.0, 1e9, -1e9], np.float32)
    return {
        "what": (
            "pixels to a network's floats in [0,1] (value / 255) and back: cut to [0,1], times 255, plus 0.5, "
            "rounded down. nchw is planes R, G, B; nhwc is row by row. Floats to 1e-7, pixels exactly."
        ),
        "height": 2,
        "width": 3,
        "rgb": pixels.ravel().tolist(),
        "nchw": numbers(floats.ravel()),
        "nhwc": numbers(floats.transpose(0, 2, 3, 1).ravel()),
        "floats": numbers(results),
        "pixels": to_pixels(np.repeat(results[None, None, None], 3, 1))[0, :, 0].tolist(),
        "strengths": {"good": [0.0, 0.3, 1.0], "bad": [-0.01, 1.01, 5.0]},
    }


def _sizes() -> dict[str, Any]:
    photos = ((4032, 3024), (3024, 4032), (12000, 9000), (1024, 768), (1023, 1), (1, 5000), (1025, 1024), (2048, 1023),
              (2048, 1025), (2048, 1027), (640, 480), (20000, 100))  # fmt: skip
    cases = []
    for width, height in photos:
        for working in (1024, 512):
            small = _fitted(width, height, working)
            cases.append({
                "width": width, "height": height, "working_size": working, "working_width": small[0],
                "working_height": small[1],
            })  # fmt: skip
    kept = [
        {"strength": strength, "detail": detail, "kept": numbers(1 - strength * (1 - detail))}
        for strength in (0.0, 0.25, 0.8, 1.0)
        for detail in (0.0, 0.35, 1.0)
    ]
    shape = [(4096, 2160), (4032, 3024), (12000, 9000), (30000, 400), (3000, 3000)]
    return {
        "what": (
            "at which size a photo is drawn: the long side becomes working_size where it is larger, both sides times "
            'the same scale, rounded half to even, at least 1. A pack whose working_size is "full" draws at the '
            "photo's own size up to most_pixels; above, its long side becomes int(long * sqrt(most_pixels / "
            "pixels)). kept is how much of the detail layer is added: 1 - strength * (1 - detail)."
        ),
        "cases": cases,
        "most_pixels": MOST_PIXELS,
        "full": [
            {
                "width": width,
                "height": height,
                "long_side": largest_size(np.broadcast_to(np.uint8(0), (height, width, 3))),
            }
            for width, height in shape
        ],
        "kept_detail": kept,
    }


def _fitted(width: int, height: int, working: int) -> tuple[int, int]:
    """The size that `fit` gives, without making the picture where it is large."""
    if width * height < 4_000_000:
        small = fit(np.zeros((height, width, 3), np.uint8), working)
        return small.shape[1], small.shape[0]
    scale = min(1.0, working / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resize() -> dict[str, Any]:
    cases = []
    for number, (width, height, to_width, to_height) in enumerate(
        ((8, 6, 4, 3), (7, 5, 3, 2), (4, 4, 9, 7), (12, 3, 5, 3))
    ):
        values = pixels_of(5000 + number, height, width, 3)
        cases.append({
            "width": width, "height": height, "rgb": values.ravel().tolist(), "to_width": to_width,
            "to_height": to_height,
            **{kind: _resized(values, to_width, to_height, kind) for kind in ("box", "bilinear", "lanczos")},
        })  # fmt: skip
    squares = [pixels_of(5100, 3, 5, 3), pixels_of(5101, 4, 3, 3)]
    return {
        "what": (
            "pictures brought to another size, as Pillow does: each result pixel is a weighted mean over the "
            "filter's support, which grows with the scale when a picture is shrunk; at edges only what is there "
            "counts. Box is for references and previews, bilinear for masks, lanczos (a = 3) for the working size "
            "and back. Tolerance 1 level. squares: the largest square in the middle."
        ),
        "tolerance": 1,
        "cases": cases,
        "squares": [
            {"width": one.shape[1], "height": one.shape[0], "rgb": one.ravel().tolist(), "side": min(one.shape[:2]),
             "square": middle_square(one).ravel().tolist()}
            for one in squares
        ],
    }  # fmt: skip


def _resized(values: Pixels, width: int, height: int, kind: str) -> list[int]:
    image = Image.fromarray(values).resize((width, height), Image.Resampling[kind.upper()])
    return [int(value) for value in np.asarray(image).ravel()]


def _detail() -> dict[str, Any]:
    cases = []
    for number, amount in enumerate((0.0, 0.25, 0.5, 0.8, 1.0)):
        enlarged, photo, base = (pixels_of(6000 + 10 * number + layer, 2, 4, 3) for layer in range(3))
        result = _add_detail(enlarged, photo, base, amount)
        cases.append({
            "amount": amount, "enlarged": enlarged.ravel().tolist(), "photo": photo.ravel().tolist(),
            "base": base.ravel().tolist(), "result": result.ravel().tolist(),
        })  # fmt: skip
    same, photo = pixels_of(6100, 2, 4, 3), pixels_of(6101, 2, 4, 3)
    return {
        "what": (
            "the detail layer: enlarged + amount * (photo - base), in float32, rounded half to even, cut to 0..255, "
            "where enlarged is the stylized working picture and base the working picture itself, both brought to the "
            "photo's size by the same filter. Where the two are equal and amount is 1, the photo comes back exactly. "
            "Tolerance 0."
        ),
        "cases": cases,
        "untouched": {"enlarged": same.ravel().tolist(), "photo": photo.ravel().tolist()},
    }
