"""What a report's columns are called, how they are written and what they mean."""

from dataclasses import dataclass

from edgestyle.quality.evaluation import StyleMeasures

EMPTY = "\u2013"  # what was not measured: a dash


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        key: attribute of `StyleMeasures`.
        title: its head.
        pattern: format of its numbers.
        better: which way is better: "higher", "lower", or "" where neither is.
        meaning: for people.
    """

    key: str
    title: str
    pattern: str
    better: str
    meaning: str

    def value(self, measures: StyleMeasures) -> float | None:
        """The number to sort by, None where nothing was measured."""
        value = getattr(measures, self.key)
        return None if value is None else float(value)

    def text(self, measures: StyleMeasures) -> str:
        """The number as it is shown, a dash where nothing was measured."""
        value = getattr(measures, self.key)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return EMPTY if value is None else self.pattern.format(value)


COLUMNS = (
    Column("psnr_db", "PSNR", "{:.1f} dB", "higher", "Result against that of the teacher, the filter that it "
           "learned from."),
    Column("untouched_psnr_db", "photo's PSNR", "{:.1f} dB", "", "Untouched photo against the teacher's result: how "
           "strong the teacher is. PSNR should be well above it."),
    Column("ssim", "SSIM", "{:.3f}", "higher", "Structural similarity of the result and the teacher's."),
    Column("feature_distance", "feature distance", "{:.3f}", "lower", "How different result and teacher's result look "
           "to the network that measures; 0 is equal."),
    Column("content_distance", "content distance", "{:.2f}", "lower", "How far the result is from showing what the "
           "photo shows, 0 for the photo itself. A strong style costs some."),
    Column("style_distance", "style distance", "{:.2f}", "lower", "How far the result's Gram matrices are from the "
           "painting's, 0 for the painting itself."),
    Column("style_content_product", "style x content", "{:.2f}", "lower",
           "(1 + content distance) x (1 + style distance), after ArtFID: neither makes up for the other."),
    Column("contrast_kept", "contrast kept", "{:.0%}", "", "Spread of luminance by the photo's; 100% keeps it."),
    Column("recognisability", "recognisable", "{:.3f}", "higher", "Cosine of what an image classifier sees in "
           "the photo and in the result; 1 if it sees the same."),
    Column("flicker", "flicker", "{:.2f}", "lower", "Change of the result by change of the photo, when a camera "
           "trembles by less than a pixel; 1 is no more than the photo's own."),
    Column("distance_grows", "strength grows", "", "higher", "Whether every 0.1 of strength takes the result further "
           "from the photo."),
    Column("half_share", "half strength", "{:.0%}", "", "Distance from the photo at strength 0.5, of that at 1."),
    Column("half_psnr_db", "PSNR at half", "{:.1f} dB", "higher", "Result at strength 0.5 against the teacher's."),
    Column("crossfade_psnr_db", "cross-fade at half", "{:.1f} dB", "", "The mix of photo and result, against the "
           "teacher's at 0.5. PSNR at half should be above it."),
)  # fmt: skip


def measured_columns(styles: tuple[StyleMeasures, ...]) -> list[Column]:
    """The columns in which at least one style has a number."""
    return [column for column in COLUMNS if any(column.value(style) is not None for style in styles)]
