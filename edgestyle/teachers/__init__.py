"""Teachers: callables `(image [N,3,H,W] in [0,1], strength=1.0) -> image` that students learn from.

Those that take a reference are callables `(content [N,3,H,W], reference [N or 1,3,h,w]) -> image`, all in [0,1]; beside
the ones listed there is `photographic.PhotographicTeacher`, which needs published weights.
"""

from collections.abc import Callable

from torch import Tensor

from edgestyle.teachers.blueprint import blueprint
from edgestyle.teachers.cartoon import cartoon
from edgestyle.teachers.ink import ink
from edgestyle.teachers.neon import neon
from edgestyle.teachers.oil import oil
from edgestyle.teachers.optimal_transport import monge_kantorovich, optimal_transport
from edgestyle.teachers.pencil import pencil
from edgestyle.teachers.pop_art import pop_art
from edgestyle.teachers.watercolour import watercolour

Teacher = Callable[[Tensor, float], Tensor]
ReferenceTeacher = Callable[[Tensor, Tensor], Tensor]

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

REFERENCE_TEACHERS: dict[str, ReferenceTeacher] = {
    "monge-kantorovich": monge_kantorovich,
    "optimal-transport": optimal_transport,
}
