"""Pictures of a run as it goes: the loss curve, and before/after sheets beside the teacher."""

from collections.abc import Iterator
from pathlib import Path

import torch
from matplotlib.figure import Figure

from edgestyle.errors import PictureError
from edgestyle.images import Picture, Pixels, read_picture, resize, to_floats, to_pixels, whole_file, write_picture
from edgestyle.quality.sheets import contact_sheet
from edgestyle.teachers import TEACHERS
from edgestyle.training.distill import Student


def write_curve(history: list[list[float]], path: Path) -> None:
    """Plot the smoothed loss `[[step, loss], ...]` on logarithmic scale as a PNG."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([step for step, _ in history], [loss for _, loss in history], color="#d1495b", marker=".")
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("distillation loss (smoothed)")
    axes.grid(visible=True, which="both", alpha=0.3)
    with whole_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def write_sheet(student: Student, teachers: tuple[str, ...], photos: list[Path], path: Path) -> None:
    """Write a sheet with a row per photo and style: photo, half strength, full strength, teacher at full strength."""
    rows, names = [], []
    device = student.styles.device
    for pixels in _some(photos):
        for index, teacher in enumerate(teachers):
            image = torch.from_numpy(to_floats(pixels)).to(device)
            style = torch.tensor([index], device=device)
            with torch.no_grad():
                half, full = (student(image, style, torch.tensor([s], device=device)) for s in (0.5, 1.0))
                target = TEACHERS[teacher](image, 1.0)
            rows.append([pixels, *(to_pixels(picture.cpu().numpy()) for picture in (half, full, target))])
            names.append(teacher)
    columns = ["photo", "strength 0.5", "strength 1", "teacher"]
    write_picture(Picture(contact_sheet(rows, columns, names, 320)), path)


def _some(photos: list[Path], count: int = 3) -> Iterator[Pixels]:
    """The middles of a few photos from all over the list, passing over damaged ones."""
    for start in range(0, len(photos), max(1, len(photos) // count)):
        for photo in photos[start : start + max(1, len(photos) // count)]:
            try:
                yield _centre(read_picture(photo).pixels)
                break
            except PictureError:
                continue


def _centre(pixels: Pixels, side: int = 320, long_side: int = 640) -> Pixels:
    """The middle `side` x `side` of a photo brought to a long side of `long_side`."""
    height, width = pixels.shape[:2]
    scale = max(long_side / max(height, width), side / min(height, width))
    small = resize(pixels, max(side, round(width * scale)), max(side, round(height * scale)))
    top, left = (small.shape[0] - side) // 2, (small.shape[1] - side) // 2
    return small[top : top + side, left : left + side]
