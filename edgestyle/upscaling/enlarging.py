"""Enlarge pictures of any size."""

from edgestyle.contract import UPSCALER_MARGIN
from edgestyle.errors import PictureError
from edgestyle.images import MAX_PIXELS, Picture, PictureLike, as_picture, like_original
from edgestyle.runtime.onnx import OnnxUpscaler
from edgestyle.upscaling.shipped import shipped_network
from edgestyle.upscaling.tiling import OnTile, enlarge_in_tiles
from edgestyle.upscaling.transparency import bleed_colours, enlarge_alpha


class Upscaler:
    """The network for one factor, opened once for many pictures.

    Args:
        factor: how many times longer a side gets, 2 or 4.
        threads: CPU threads; None leaves it to ONNX Runtime.

    Raises:
        ContractError: another factor.
        ArtifactError: the network's file is missing, or was changed.
    """

    def __init__(self, factor: int, threads: int | None = None) -> None:
        self.factor = factor
        self._runner = OnnxUpscaler(shipped_network(factor), factor, threads)

    def enlarge(self, picture: Picture, on_tile: OnTile | None = None) -> Picture:
        """A picture with sides so many times longer.

        Memory beside the two pictures stays the same, about 200 MB, whatever their size; but where some pixels are
        fully transparent, about 20 bytes for each pixel of the small picture are needed before that, see
        `bleed_colours`.

        Args:
            picture: what is seen of it is drawn by the network, its transparency by cubic interpolation.
            on_tile: called after each tile, with how many are done and how many there are.

        Raises:
            PictureError: the result would have more pixels than edgestyle reads.
        """
        height, width = picture.pixels.shape[:2]
        check_enlarged_size(height, width, self.factor)
        pixels = enlarge_in_tiles(
            self._runner.enlarge, bleed_colours(picture), self.factor, UPSCALER_MARGIN, on_tile=on_tile
        )
        return Picture(pixels, None if picture.alpha is None else enlarge_alpha(picture.alpha, self.factor))


def upscale(image: PictureLike, factor: int, threads: int | None = None, on_tile: OnTile | None = None) -> PictureLike:
    """Enlarge a picture with a small network; runs without torch.

    Args:
        image: a Pillow image, or an array `uint8 [H,W,3]` of sRGB pixels; any size.
        factor: how many times longer a side gets, 2 or 4.
        threads: CPU threads; None leaves it to ONNX Runtime.
        on_tile: called after each tile, with how many are done and how many there are.

    Returns:
        The same kind of picture; a Pillow image comes back as RGB, or RGBA if it had alpha.

    Raises:
        ContractError: another factor, or the array is no picture.
        PictureError: the result would have more pixels than edgestyle reads.
        ArtifactError: the network's file is missing, or was changed.
    """
    return like_original(Upscaler(factor, threads).enlarge(as_picture(image), on_tile), image)


def check_enlarged_size(height: int, width: int, factor: int) -> None:
    """Raise PictureError where a picture of `height` x `width` would become larger than edgestyle reads pictures."""
    pixels = height * width * factor**2
    if pixels > MAX_PIXELS:
        raise PictureError(
            f"a picture of {width}x{height}, {factor} times as wide and high, has {pixels / 1e6:.0f} megapixels; "
            f"the limit is {MAX_PIXELS // 1_000_000}, so it may have {MAX_PIXELS / factor**2 / 1e6:.1f} before"
        )
