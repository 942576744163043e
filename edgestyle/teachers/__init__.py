"""Teachers: callables `(image [N,3,H,W] in [0,1], strength=1.0) -> image` that students learn from."""

from collections.abc import Callable

from torch import Tensor

from edgestyle.teachers.blueprint import blueprint
from edgestyle.teachers.cartoon import cartoon
from edgestyle.teachers.ink import ink
from edgestyle.teachers.neon import neon
from edgestyle.teachers.oil import oil
from edgestyle.teachers.pencil import pencil
from edgestyle.teachers.pop_art import pop_art
from edgestyle.teachers.watercolour import watercolour

Teacher = Callable[[Tensor, float], Tensor]

TEACHERS: dict[str, Teacher] = {
    "cartoon": cartoon,
    "oil": oil,
    "watercolour": watercolour,
    "ink": ink,
    "pencil": pencil,
    "pop-art": pop_art,
    "neon": neon,
    "blueprint": blueprint,
}
