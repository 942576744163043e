"""Plain sentences about what a file is worth beside the others of its format."""

from edgestyle.bench.statistics import LatencySummary
from edgestyle.report.measuring import FileReport


def verdicts(files: list[FileReport]) -> list[str]:
    """One or more sentences for every file that is not the float32 reference of its format and kind of pictures."""
    sentences = []
    for file in files:
        if file.recipe == "w8a8" and not file.int8:
            sentences.append(f"{file.name} is called w8a8, but not all of its convolutions compute in 8-bit integers.")
        reference = _find(files, file, "float32")
        if reference is not None and reference is not file:
            sentences.extend(_beside(file, reference, files))
    return sentences


def _beside(file: FileReport, reference: FileReport, files: list[FileReport]) -> list[str]:
    """Speed, then size, then whether a better picture comes at the same price."""
    sentences = []
    if file.latency and reference.latency:
        sentences.append(_speed(file, file.latency, reference.latency))
    if file.size_bytes >= reference.size_bytes:
        sentences.append(f"{file.name} is not worth it for size: it is no smaller than float32.")
    weights_only = _find(files, file, "w8")
    if file.recipe == "w8a8" and weights_only and file.latency and weights_only.latency:
        slower = not _faster(file.latency, weights_only.latency)
        if slower and file.mean_psnr_db(1.0) < weights_only.mean_psnr_db(1.0):
            sentences.append(
                f"{file.name} is not worth it here: {weights_only.name} is no slower and closer to float32 "
                f"({weights_only.mean_psnr_db(1.0):.1f} against {file.mean_psnr_db(1.0):.1f} dB)."
            )
    return sentences


def _speed(file: FileReport, mine: LatencySummary, reference: LatencySummary) -> str:
    pair = f"{mine.p50:.1f} ms against {reference.p50:.1f} ms, one thread"
    if _faster(reference, mine):
        return f"{file.name} is not worth it for speed in {file.runtime} here: slower than float32 ({pair})."
    if _faster(mine, reference):
        times = reference.p50 / mine.p50
        return f"{file.name} is {times:.2f} times as fast as float32 in {file.runtime} here ({pair})."
    return f"{file.name} saves bytes, not time, in {file.runtime} here: no difference to float32 is certain ({pair})."


def _faster(first: LatencySummary, second: LatencySummary) -> bool:
    """Whether the first's median is lower beyond doubt: the 95% intervals do not meet."""
    return first.p50_high < second.p50_low


def _find(files: list[FileReport], like: FileReport, recipe: str) -> FileReport | None:
    """The file of that recipe with the same format and the same kind of pictures."""
    wanted = (like.format, like.pixels, recipe)
    return next((file for file in files if (file.format, file.pixels, file.recipe) == wanted), None)
