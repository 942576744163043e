"""Between a video's frames and sRGB-like pixels: matrix, range, high dynamic range, display matrix."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc, Interpolation, VideoReformatter

from edgestyle.images import Pixels

_EXACT = (
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)
_HDR_TRANSFERS = (16, 18)  # PQ and HLG, ITU-T H.273 table 3
# matrix in a stream (ITU-T H.273 table 4) -> number of the same matrix in FFmpeg's scaler
_MATRICES = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
_BT709, _BT601 = 1, 5
_HD_HEIGHT = 577  # a video that names no matrix is BT.709 from here on, as players take it


@dataclass(frozen=True)
class Colour:
    """How numbers in a video stand for colours.

    Attributes:
        matrix: from R,G,B to luma and chroma, as FFmpeg's scaler counts them (1 is BT.709, 5 is BT.601).
        primaries, transfer: ITU-T H.273 tables 2 and 3; 2 is "not said".
        full_range: luma from 0 to 255 and not 16 to 235.
        hdr: the transfer is PQ or HLG.
    """

    matrix: int
    primaries: int
    transfer: int
    full_range: bool
    hdr: bool


def colour_of(frame: VideoFrame) -> Colour:
    """What a decoded frame says of its colours, and what players assume where it says nothing."""
    usual = _BT709 if min(frame.width, frame.height) >= _HD_HEIGHT or frame.width >= 1280 else _BT601
    return Colour(
        matrix=_MATRICES.get(frame.colorspace, usual),
        primaries=frame.color_primaries,
        transfer=frame.color_trc,
        full_range=frame.format.is_rgb or frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj"),
        hdr=frame.color_trc in _HDR_TRANSFERS,
    )


def drawn_colour(source: Colour) -> Colour:
    """The colours a redrawn video is written in: the source's, in limited range; BT.709 where that was HDR."""
    if source.hdr:
        return Colour(_BT709, ColorPrimaries.BT709, ColorTrc.BT709, full_range=False, hdr=False)
    return Colour(source.matrix, source.primaries, source.transfer, full_range=False, hdr=False)


class FrameReader:
    """Turns decoded frames of any format into upright pixels of one size.

    Args:
        width, height: of the stored picture, before it is turned; a frame of another size is scaled to it.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = {"width": width, "height": height}
        self._reformatter = VideoReformatter()

    def read(self, frame: VideoFrame) -> Pixels:
        """`uint8 [H,W,3]`, R,G,B, upright. HDR is brought to BT.709."""
        colour = colour_of(frame)
        to_sdr = {"dst_color_trc": ColorTrc.BT709, "dst_color_primaries": ColorPrimaries.BT709} if colour.hdr else {}
        converted = self._reformatter.reformat(
            frame,
            **self._size,
            format="rgb24",
            src_colorspace=colour.matrix,
            src_color_range=ColorRange.JPEG if colour.full_range else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_EXACT,
            **to_sdr,
        )
        return turn_upright(cast(Pixels, converted.to_ndarray()), display_matrix(frame))


class FrameWriter:
    """Turns pixels into frames an encoder takes: yuv420p, limited range, even sides.

    Args:
        colour: what the frames are written in.
    """

    def __init__(self, colour: Colour) -> None:
        self._colour = colour
        self._reformatter = VideoReformatter()

    def write(self, pixels: Pixels) -> VideoFrame:
        """Convert `uint8 [H,W,3]`; an odd side gets its last row or column twice."""
        frame = VideoFrame.from_ndarray(even(pixels), format="rgb24")
        converted = self._reformatter.reformat(
            frame,
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_colorspace=self._colour.matrix,
            dst_color_range=ColorRange.MPEG,
            interpolation=_EXACT,
        )
        converted.color_primaries, converted.color_trc = self._colour.primaries, self._colour.transfer
        return converted


def even(pixels: Pixels) -> Pixels:
    """Repeat the last row and column of `uint8 [H,W,3]` where a side is odd."""
    height, width = pixels.shape[:2]
    return np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def display_matrix(frame: VideoFrame) -> tuple[int, int, int, int] | None:
    """The part of a frame's display matrix that turns and mirrors, `x' = a x + c y, y' = b x + d y`; None if none."""
    side_data = cast(Any, frame.side_data).get("DISPLAYMATRIX")
    if side_data is None:
        return None
    a, b, _, c, d = np.frombuffer(bytes(side_data), np.int32)[:5].tolist()
    return a, b, c, d


def turn_upright(pixels: Pixels, matrix: tuple[int, int, int, int] | None) -> Pixels:
    """Apply a display matrix to `uint8 [H,W,3]`, to the nearest quarter turn."""
    if matrix is None:
        return pixels
    a, b, c, d = matrix
    if abs(b) > abs(a):
        pixels, a, d = pixels.transpose(1, 0, 2), c, b
    if a < 0:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels[::-1] if d < 0 else pixels)
