"""Pictures of a run as it goes: the loss curve, and before/after sheets beside the teacher."""

from pathlib import Path

import torch
from matplotlib.figure import Figure

from edgestyle.images import Picture, Pixels, to_floats, to_pixels, whole_file, write_picture
from edgestyle.quality.sheets import contact_sheet
from edgestyle.training.batches import Lesson
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


def write_sheet(student: Student, lesson: Lesson, names: tuple[str, ...], path: Path) -> None:
    """Write a sheet with a row per photo and style: photo, half strength, full strength, teacher at full strength."""
    rows = []
    for pixels, targets in lesson.examples(3):
        for index, target in enumerate(targets):
            rows.append([pixels, *(_draw(student, pixels, index, strength) for strength in (0.5, 1.0)), target])
    columns = ["photo", "strength 0.5", "strength 1", "teacher"]
    row_names = [names[place % len(names)] for place in range(len(rows))]
    write_picture(Picture(contact_sheet(rows, columns, row_names, 320)), path)


@torch.no_grad()
def _draw(student: Student, pixels: Pixels, style: int, strength: float) -> Pixels:
    device = student.styles.device
    image = torch.from_numpy(to_floats(pixels)).to(device)
    drawn = student(image, torch.tensor([style], device=device), torch.tensor([strength], device=device))
    return to_pixels(drawn.cpu().numpy())
