"""A brand's report page: palette, light, contrast, marks, pictures that do not fit, and photos drawn in its style."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader

from edgestyle.images import Pixels
from edgestyle.quality.brands import BrandLook
from edgestyle.quality.report import data_uri


@dataclass(frozen=True)
class Shown:
    """A picture with its caption; `uint8 [h,w,3]`."""

    pixels: Pixels
    caption: str


@dataclass(frozen=True)
class BrandPage:
    """What the page shows.

    Attributes:
        name: of the brand.
        about: a sentence on where the numbers come from.
        look: its numbers.
        pictures: some of the brand's.
        outliers: those that do not fit in, the farthest first.
        drawn: photos as they are and in the brand's style, in turns.
        facts: further lines of `(name, value)`.
    """

    name: str
    about: str
    look: BrandLook
    pictures: Sequence[Shown]
    outliers: Sequence[Shown]
    drawn: Sequence[Shown]
    facts: Sequence[tuple[str, str]]

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table of the look: what, mean, spread, and what it says."""
        look = self.look
        return [
            ("light", *_cells(look.light), "mean brightness of a picture, 0 black, 1 white"),
            ("contrast", *_cells(look.contrast), "spread of brightness within a picture"),
            ("saturation", *_cells(look.saturation), "mean saturation, 0 grey, 1 pure colours"),
            ("detail", *_cells(look.detail), "difference between neighbouring pixels: smooth or grained"),
        ]


def brand_html(page: BrandPage) -> str:
    """One page that needs no other file and no network; every text in it is escaped."""
    environment = Environment(loader=PackageLoader("edgestyle.quality"), autoescape=True, trim_blocks=True)
    environment.filters["data_uri"] = data_uri
    return environment.get_template("brand.html.j2").render(page=page) + "\n"


def _cells(value: tuple[float, float]) -> tuple[str, str]:
    return f"{value[0]:.3f}", f"± {value[1]:.3f}"
