"""Pictures of a run as it goes: the loss curve, and before/after sheets beside the teacher."""

from pathlib import Path

import torch
from matplotlib.figure import Figure

from edgestyle.images import Picture, Pixels, to_floats, to_pixels, whole_file, write_picture
from edgestyle.quality.sheets import contact_sheet
from edgestyle.training.batches import Example, Lesson
from edgestyle.training.students import AnyStudent


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


def write_sheet(student: AnyStudent, lesson: Lesson, path: Path) -> None:
    """Write a sheet with a row per example: photo, half strength, full strength, teacher at full strength.

    A reference picture, where there is one, stands before the photo.
    """
    rows, names, titles = [], [], []
    for example in lesson.examples(3):
        drawn = [_draw(student, example, strength) for strength in (0.5, 1.0)]
        rows.append([*example.shown.values(), example.photo, *drawn, example.target])
        names.append(example.name)
        titles = list(example.shown)
    columns = [*titles, "photo", "strength 0.5", "strength 1", "teacher"]
    write_picture(Picture(contact_sheet(rows, columns, names, 320)), path)


@torch.no_grad()
def _draw(student: AnyStudent, example: Example, strength: float) -> Pixels:
    device = next(student.parameters()).device
    image = torch.from_numpy(to_floats(example.photo)).to(device)
    drawn = student(image, example.style.to(device), torch.tensor([strength], device=device))
    return to_pixels(drawn.cpu().numpy())
