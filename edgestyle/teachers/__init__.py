"""Teachers: callables `(image [N,3,H,W] in [0,1], strength=1.0) -> image` that students learn from."""

from collections.abc import Callable

from torch import Tensor

from edgestyle.teachers.cartoon import cartoon
from edgestyle.teachers.oil import oil

Teacher = Callable[[Tensor, float], Tensor]

TEACHERS: dict[str, Teacher] = {
    "cartoon": cartoon,
    "oil": oil,
}
