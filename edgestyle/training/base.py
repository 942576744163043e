"""Train a base: a painter that reaches styles it never saw when only a style vector is fitted, and its encoder.

Two ways to train it can be compared on equal terms:

* `plain`: a table of vectors, one for each style of a library, learned along with the network, as multi-style networks
  are (Dumoulin et al., "A Learned Representation for Artistic Style", ICLR 2017).
* `meta`: first-order MAML (Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning", ICML 2017, section 5.2) with a loss
  at every step of the inner loop (Antoniou, Edwards and Storkey, "How to Train Your MAML", ICLR 2019, section 4). The
  inner loop fits a vector to one style by Adam, starting from what the encoder makes of the style's picture; the outer
  loop moves the network and the encoder by the gradient wherever the vector has come.
"""

import json
import math
import random
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgestyle.errors import TrainingError
from edgestyle.models.renderer import Renderer
from edgestyle.models.texture_encoder import TextureEncoder
from edgestyle.models.vgg import VGG16Features
from edgestyle.quality.features import load_features
from edgestyle.teachers.optimal_transport import monge_kantorovich
from edgestyle.teachers.perceptual import LAYERS, gram, relative_difference
from edgestyle.training.checkpoints import load_parts, read_state, save_parts
from edgestyle.training.distill import cosine_rate, update_average
from edgestyle.training.losses import NextFrames
from edgestyle.training.style_library import CROP, SHOWN, SURROUNDED, StyleLibrary, see

_EDGE = (SURROUNDED - CROP) // 2
_RIM = 16  # pixels; what judges a crop sees zeros beyond it, and would be pleased by a frame
_TONE = 8  # pixels that are averaged where tones are compared
_SURROUNDED_PICTURES = 2  # of a batch, whose rims are compared
_HALF = 0.3  # Gram distance of a layer at which its pull on the network has fallen to half
_SLACK = 0.1  # by how much a style may change more than its photo before that counts


@dataclass(frozen=True)
class BaseConfig:
    """How a base is trained.

    Attributes:
        mode: "meta" or "plain".
        steps, batch_size: how much is seen.
        learning_rate: of the network and the encoder at its highest; it warms up, then falls along a cosine.
        vector_rate: of a vector in the inner loop, or in the table.
        inner_steps: that a vector is fitted for, one of these at random; each a step of the network's too.
        fresh: share of a batch whose vectors are the encoder's own, without an inner loop.
        colour_steps: at the start, that learn colours only, in a tenth of the time.
        content_weights: of what photos show, by layer, against 1 for a Gram matrix.
        temporal_weight: of the square of the loss that keeps video from flickering; it takes texture away, all but
            colours at 3 within some hundred steps, so that a base for photos does without.
        temporal_start: share of the steps before which it does not count, so that texture can appear.
        edge_weight: of how far a crop's rim is from the same part of a larger picture's, in tones: where marks lie
            there cannot be known, and a network that is asked for it stops drawing marks.
        mesh_weight: of how much more than its photo a picture alternates from pixel to pixel. Gram matrices do not mind
            such a mesh, but enlarged it shows.
        rounding_weight: of the mean square of how far a picture in bfloat16 is from the same in float32. Marks in a
            clear sky are made of next to nothing, and a network that makes too much of it draws others on each phone.
            bfloat16 is eight times as coarse as float16: what costs 3 by the default is 50 dB there.
            0 draws in float32.
        weak: share of pictures at a strength below 1. Their Gram matrices are to lie that far from the photo's own to
            the style's: with the square of it, the slider does nothing up to the middle.
        seed: of everything random.

    Raises:
        TrainingError: a number is out of range.
    """

    mode: Literal["meta", "plain"] = "meta"
    steps: int = 6000
    batch_size: int = 4
    learning_rate: float = 1.5e-3
    vector_rate: float = 0.05
    inner_steps: tuple[int, ...] = (5, 10, 20, 40, 80)
    fresh: float = 0.5
    colour_steps: int = 400
    content_weights: tuple[float, float] = (0.2, 0.6)
    temporal_weight: float = 0.0
    temporal_start: float = 0.6
    edge_weight: float = 8.0
    mesh_weight: float = 20.0
    rounding_weight: float = 5000.0
    weak: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch_size < 1 or not 0 <= self.colour_steps < self.steps:
            raise TrainingError("a base needs steps and pictures from 1 up, and fewer colour steps than steps")
        if not all(0 <= share <= 1 for share in (self.fresh, self.weak, self.temporal_start)):
            raise TrainingError("shares of pictures and of steps are numbers from 0 to 1")
        if not self.inner_steps or min(self.inner_steps) < 1:
            raise TrainingError("an inner loop has steps from 1 up")
        weights = (
            *self.content_weights,
            self.temporal_weight,
            self.edge_weight,
            self.mesh_weight,
            self.rounding_weight,
        )
        if not all(0 < rate < math.inf for rate in (self.learning_rate, self.vector_rate)) or min(weights) < 0:
            raise TrainingError("rates are numbers above 0, weights from 0 up")


@dataclass
class Base:
    """A network and what gives it vectors: an encoder, or a table `[n,D]` of a vector for each style."""

    renderer: Renderer
    encoder: TextureEncoder
    table: nn.Embedding

    @property
    def modules(self) -> dict[str, nn.Module]:
        """All parts by name, for checkpoints."""
        return {"renderer": self.renderer, "encoder": self.encoder, "table": self.table}


@dataclass
class _Slot:
    """One place in a batch: which style is fitted there, by how much its vector has moved, and Adam's memory."""

    style: int = -1
    left: int = 0  # steps before another style takes the place
    steps: int = 0
    moved: Tensor = field(default_factory=lambda: torch.zeros(0))
    first: Tensor = field(default_factory=lambda: torch.zeros(0))
    second: Tensor = field(default_factory=lambda: torch.zeros(0))

    def begin(self, style: int, steps: int, dimensions: int) -> None:
        self.style, self.left, self.steps = style, steps, 0
        self.moved, self.first, self.second = torch.zeros(3, dimensions)

    def move(self, gradient: Tensor, rate: float) -> None:
        """A step of Adam (Kingma and Ba, ICLR 2015)."""
        self.steps, self.left = self.steps + 1, self.left - 1
        self.first = self.first.lerp(gradient, 0.1)
        self.second = self.second.lerp(gradient.square(), 0.01)
        first, second = self.first / (1 - 0.9**self.steps), self.second / (1 - 0.99**self.steps)
        self.moved = self.moved - rate * first / (second.sqrt() + 1e-8)


class BaseTraining:
    """The loop, one step at a time. In a resumed run inner loops start anew, and so does Adam's memory of a table.

    Args:
        base: to train, in place.
        library: of styles and photos.
        features: VGG16, made `fast`.
        config: how.

    Attributes:
        average: running average of the base, which is what is worth keeping.
        step: how many were taken.
        losses: of the last step by name; "style" and "content" as VGG16 sees them, "lite style" and "lite content" as
            the other judge does, each from when it last did.
    """

    def __init__(self, base: Base, library: StyleLibrary, features: VGG16Features, config: BaseConfig) -> None:
        self.base, self.config, self._library, self._features = base, config, library, features
        self._lite = load_features()
        self.average = deepcopy(base)
        for module in self.average.modules.values():
            module.requires_grad_(False)
        learned = [*base.renderer.parameters(), *base.encoder.hidden.parameters(), *base.encoder.style.parameters()]
        self._learned = learned
        self._optimizer = torch.optim.Adam(learned, lr=config.learning_rate, betas=(0.9, 0.99))
        self._table_optimizer = torch.optim.SparseAdam(base.table.parameters(), lr=config.vector_rate)
        self._slots = [_Slot() for _ in range(config.batch_size)]
        self.step = 0
        self.losses: dict[str, float] = {}
        self._judged: dict[str, float] = {}

    def take_step(self) -> None:
        """One step of everything. Raises TrainingError, before a weight changes, where the loss is not finite."""
        c, rng = self.config, random.Random(f"{self.config.seed}/{self.step}")
        styles = self._choose_styles(rng)
        photos = [rng.randrange(len(self._library.photos)) for _ in styles]
        strengths = torch.tensor([rng.uniform(0.15, 1) if rng.random() < c.weak else 1.0 for _ in styles])
        rate = cosine_rate(self.step, c.steps, c.learning_rate)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        for group in self._table_optimizer.param_groups:
            group["lr"] = c.vector_rate * rate / c.learning_rate
        vectors, movable = self._vectors(styles)
        order = rng.sample(range(len(styles)), len(styles))  # steadiness and edges look at the first places only
        loss = self._loss(vectors[order], [styles[place] for place in order], photos, strengths)
        if not math.isfinite(float(loss.detach())):
            raise TrainingError(f"training cannot go on at step {self.step}, where the loss is {float(loss.detach())}")
        self._optimizer.zero_grad(set_to_none=True)
        self._table_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._learned, 10.0)
        self._optimizer.step()
        if c.mode == "plain":
            self._table_optimizer.step()
        elif movable is not None and movable.grad is not None:
            for slot, gradient in zip(self._slots, movable.grad, strict=True):
                if slot.left:  # Adam does not mind that gradients are of a mean over the batch
                    slot.move(gradient, c.vector_rate)
        self.step += 1
        for name, module in self.base.modules.items():
            update_average(self.average.modules[name], module, self.step)

    def save(self, folder: Path) -> None:
        """Write a checkpoint that is replaced whole."""
        modules = self.base.modules | {f"average_{k}": v for k, v in self.average.modules.items()}
        optimizers: dict[str, torch.optim.Optimizer] = {"adam": self._optimizer}
        save_parts(
            folder, {"step": self.step, "library": self._library.sha256, **self._settings()}, modules, optimizers
        )

    def resume(self, folder: Path) -> None:
        """Go on from a checkpoint, if there is one.

        Raises:
            TrainingError: it is damaged, of other settings or of other networks.
        """
        state = read_state(folder)
        if state is None:
            return
        if wrong := [key for key, value in self._settings().items() if state.get(key) != value]:
            raise TrainingError(f"{folder} holds a run of another {', '.join(wrong)}: take another folder")
        if state.get("library") != self._library.sha256:
            raise TrainingError(f"{folder} holds a run on another library of styles: take another folder")
        modules = self.base.modules | {f"average_{k}": v for k, v in self.average.modules.items()}
        load_parts(folder, modules, {"adam": self._optimizer})
        self.step = int(state.get("step", 0))

    def _settings(self) -> dict[str, Any]:
        """The configuration as JSON keeps it."""
        settings: dict[str, Any] = json.loads(json.dumps(asdict(self.config)))
        return settings

    def _choose_styles(self, rng: random.Random) -> list[int]:
        """The style at each place of the batch; in the inner loop the same one for as long as its vector is fitted."""
        c, count = self.config, len(self._library.names)
        fitted = math.ceil((1 - c.fresh) * c.batch_size) if c.mode == "meta" else 0
        for place, slot in enumerate(self._slots):
            if place >= fitted:
                slot.begin(rng.randrange(count), 0, self.base.renderer.config.style_dimensions)
            elif not slot.left:
                steps = rng.choice(c.inner_steps)
                slot.begin(rng.randrange(count), steps, self.base.renderer.config.style_dimensions)
        return [slot.style for slot in self._slots]

    def _vectors(self, styles: list[int]) -> tuple[Tensor, Tensor | None]:
        """Vectors `[N,D]`, and by how much each has moved, as something that has a gradient."""
        places = torch.tensor(styles)
        if self.config.mode == "plain":
            vectors: Tensor = self.base.table(places)
            return vectors, None
        moved = torch.stack([slot.moved for slot in self._slots]).requires_grad_()
        return self.base.encoder.from_statistics(self._library.statistics[places]) + moved, moved

    def _loss(self, vectors: Tensor, styles: list[int], photos: list[int], strengths: Tensor) -> Tensor:
        c = self.config
        whole = torch.from_numpy(self._library.photos[photos]).permute(0, 3, 1, 2).float() / 255
        crops = whole[:, :, _EDGE:-_EDGE, _EDGE:-_EDGE].contiguous()
        steady = c.temporal_weight if self.step >= c.temporal_start * c.steps else 0.0
        stylized, temporal = self._draw(crops, vectors, strengths, bool(steady))
        rounded = c.rounding_weight > 0
        roundings = self._roundings(stylized, crops, vectors, strengths) if rounded else crops.new_zeros(())
        loss = steady * temporal + c.rounding_weight * roundings
        self.losses = {"temporal": float(temporal.detach()), "roundings": float(roundings.detach())}
        if c.edge_weight:
            edges = self._edges(stylized, whole, vectors, strengths)
            self.losses["edges"] = float(edges.detach())
            loss = loss + c.edge_weight * edges
        if self.step < c.colour_steps:
            coloured = monge_kantorovich(crops, self._library.thumbnails[styles])
            target = crops.lerp(coloured, strengths.reshape(-1, 1, 1, 1))
            colour = (F.avg_pool2d(stylized, 8) - F.avg_pool2d(target, 8)).abs().mean()
            self.losses["colour"] = float(colour.detach())
            return loss + 10 * colour
        pull, reports = self._texture(without_rim_gradient(stylized), crops, styles, photos, strengths)
        self._judged |= reports
        self.losses |= self._judged
        return loss + pull + c.mesh_weight * mesh_loss(stylized, crops)

    def _draw(self, crops: Tensor, vectors: Tensor, strengths: Tensor, frames: bool) -> tuple[Tensor, Tensor]:
        """Stylized crops, and where there are next `frames` how much more they change than their photos do."""
        after = NextFrames(crops, f"{self.config.seed}/{self.step}") if frames else None
        if after is not None:
            half = len(after.image)
            crops, vectors = torch.cat([crops, after.image]), torch.cat([vectors, vectors[:half]])
            strengths = torch.cat([strengths, strengths[:half]])
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.rounding_weight > 0):
            drawn = self.base.renderer(crops.contiguous(memory_format=torch.channels_last), vectors, strengths)
        if after is None:
            return drawn.float(), crops.new_zeros(())
        now, then = drawn.float().split([len(drawn) - half, half])
        return now, after.excess_change(now[:half], then, slack=_SLACK, squared=True)

    def _roundings(self, stylized: Tensor, crops: Tensor, vectors: Tensor, strengths: Tensor) -> Tensor:
        """Mean square of what bfloat16 changed in a picture."""
        with torch.no_grad():
            exact: Tensor = self.base.renderer(crops, vectors, strengths)
        return (stylized - exact).square().mean()

    def _edges(self, stylized: Tensor, whole: Tensor, vectors: Tensor, strengths: Tensor) -> Tensor:
        """How far the rims of some pictures are from what the middle of a larger one shows there."""
        some = slice(_SURROUNDED_PICTURES)
        with torch.no_grad():
            larger = self.base.renderer(whole[some], vectors[some], strengths[some])[:, :, _EDGE:-_EDGE, _EDGE:-_EDGE]
        tones, rim = (F.avg_pool2d(one, _TONE) for one in (stylized[some] - larger, 1 - _inside(stylized)))
        apart: Tensor = (tones.abs() * rim).mean() / rim.mean()
        return apart

    def _texture(
        self, stylized: Tensor, crops: Tensor, styles: list[int], photos: list[int], strengths: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss of style and content; for reports the Gram distance at full strength, and the content distance.

        VGG16 and the network that comes with edgestyle, which vectors are fitted by in use, see the pictures in turns:
        each is blind to some patterns, and a network that is judged by one alone draws those.
        """
        judge = "lite " if self.step % 2 else ""
        if judge:
            maps = self._lite.maps(stylized)
            with torch.no_grad():
                shown = self._lite.maps(crops)
            wanted, own = self._library.lite_grams(styles), {name: gram(one) for name, one in shown.items()}
        else:
            maps, shown = see(self._features, stylized), self._library.photo_maps(photos)
            wanted, own = self._library.grams(styles), self._library.photo_grams(photos)
        share = strengths.reshape(-1, 1, 1)
        style = torch.zeros(len(stylized))
        reported = torch.zeros(len(stylized))
        for name in LAYERS:
            distance = relative_difference(gram(maps[name]), own[name].lerp(wanted[name], share))
            style = style + 2 * distance / (_HALF + distance.detach())
            reported = reported + distance.detach()
        differences = [relative_difference(maps[name], shown[name]) for name in SHOWN]
        content = sum((w * d for w, d in zip(self.config.content_weights, differences, strict=True)), torch.zeros(()))
        reports = {f"{judge}content": float(torch.stack(differences).detach().sum(0).mean())}
        if bool((strengths == 1).any()):
            reports[f"{judge}style"] = float(reported[strengths == 1].mean())
        return (style + content).mean(), reports


def without_rim_gradient(pictures: Tensor) -> Tensor:
    """The same `[N,3,H,W]`, but what is made of it tells nothing to the 16 pixels at its edges."""
    return torch.where(_inside(pictures) == 1, pictures, pictures.detach())


def _inside(pictures: Tensor) -> Tensor:
    """`[1,1,H,W]` for `[N,3,H,W]`: 0 at the rim, 1 inside."""
    inside = torch.zeros_like(pictures[:1, :1])
    inside[:, :, _RIM:-_RIM, _RIM:-_RIM] = 1
    return inside


def mesh_loss(stylized: Tensor, photos: Tensor) -> Tensor:
    """How much more `stylized` alternates from pixel to pixel, both ways, than `photos`, `[N,3,H,W]`: a mean."""
    mine, theirs = (
        (one[..., :-1, :-1] - one[..., 1:, :-1] - one[..., :-1, 1:] + one[..., 1:, 1:]).abs() / 4
        for one in (stylized, photos)
    )
    return F.relu(mine - theirs).mean()
