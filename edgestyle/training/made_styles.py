"""Pictures of styles that nobody painted: marks, patterns and palettes drawn at random, free of anyone's rights.

A network that is to reach styles it has never seen must meet hundreds while it is trained. Each picture here is one
family of marks (strokes, tesserae, hatching...) with everything about it drawn at random: colours, sizes, directions,
and the smooth fields that marks follow.
"""

import colorsys
import math
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from edgestyle.images import Pixels

SIDE = 384  # pixels of a made picture
_ENLARGED = 2  # how much larger marks are drawn before they are brought to size, for smooth edges

Field = NDArray[np.float32]  # `[S,S]`, 0 to 1
Palette = list[tuple[int, int, int]]
Family = Callable[[random.Random], Pixels]


def make_style(family: str, seed: int) -> Pixels:
    """One picture, `uint8 [384,384,3]`; the same for the same family and seed.

    Raises:
        KeyError: there is no such family.
    """
    return FAMILIES[family](random.Random(f"{family}/{seed}"))


def draw_palette(rng: random.Random) -> Palette:
    """Three to seven colours that go together, from dark to light: neighbours, opposites or all around the circle."""
    count = rng.randint(3, 7)
    base, spread = rng.random(), rng.choice((0.04, 0.1, 0.3, 1.0))
    other = (base + rng.choice((0.33, 0.5, 0.58))) % 1
    strength = rng.choice((0.25, 0.55, 0.8, 1.0))
    darkest, lightest = rng.uniform(0.02, 0.3), rng.uniform(0.7, 1.0)
    colours = []
    for place in range(count):
        hue = (other if rng.random() < 0.3 else base) + rng.uniform(-spread, spread) / 2
        value = darkest + (lightest - darkest) * place / (count - 1)
        saturation = strength * rng.uniform(0.5, 1) * (1 if value < 0.85 else 0.6)
        red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
        colours.append((round(255 * red), round(255 * green), round(255 * blue)))
    return colours


def smooth_field(rng: random.Random, cells: int, octaves: int = 1, side: int = SIDE) -> Field:
    """Random hills, `[S,S]` from 0 to 1, about `cells` of them across; each further octave adds finer ones.

    Value noise with fractal sums, after Perlin, "An Image Synthesizer", SIGGRAPH 1985.
    """
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        count = cells * 2**octave + 3
        grid = np.random.default_rng(rng.getrandbits(32)).random((count, count), np.float32)
        total += np.asarray(Image.fromarray(grid).resize((side, side), Image.Resampling.BICUBIC)) / 2**octave
    low, high = np.percentile(total, (1, 99))
    hills: Field = np.clip((total - low) / max(high - low, 1e-6), 0, 1)
    return hills


def colour_by(field: Field, palette: Palette, smooth: bool = True) -> Pixels:
    """Colours along a palette for values from 0 to 1: `[S,S]` to `uint8 [S,S,3]`."""
    if not smooth:
        flat: Pixels = np.asarray(palette, np.uint8)[np.minimum((field * len(palette)).astype(int), len(palette) - 1)]
        return flat
    places = np.linspace(0, 1, len(palette))
    channels = [np.interp(field, places, [colour[channel] for colour in palette]) for channel in range(3)]
    return np.stack(channels, -1).round().astype(np.uint8)


def _grid(side: int = SIDE) -> tuple[Field, Field]:
    across, down = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    return across, down


def _scene(rng: random.Random, palette: Palette) -> Pixels:
    """What marks are drawn of: hills of colour with some flat shapes, as a composition has."""
    return colour_by(smooth_field(rng, rng.randint(2, 5), rng.randint(1, 3)), palette, rng.random() < 0.6)


def _canvas(ground: Pixels | tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    size = (_ENLARGED * SIDE, _ENLARGED * SIDE)
    image = Image.new("RGB", size, ground) if isinstance(ground, tuple) else Image.fromarray(ground).resize(size)
    return image, ImageDraw.Draw(image)


def _finish(image: Image.Image) -> Pixels:
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _to_pixels(picture: NDArray[np.floating]) -> Pixels:
    pixels: Pixels = np.clip(picture, 0, 255).round().astype(np.uint8)
    return pixels


def _vary(rng: random.Random, colour: tuple[int, ...], amount: int) -> tuple[int, int, int]:
    red, green, blue = (max(0, min(255, int(value) + rng.randint(-amount, amount))) for value in colour)
    return red, green, blue


def _strokes(rng: random.Random) -> Pixels:
    """Dabs of a brush along a field of directions, each of the colour it lies on, give or take."""
    scene, turn = _scene(rng, draw_palette(rng)), smooth_field(rng, rng.randint(2, 4))
    image, pen = _canvas(scene)
    length, width = rng.uniform(8, 42), rng.uniform(2.5, 9)
    swing, vary = rng.uniform(0.5, 4) * math.pi, rng.randint(8, 60)
    for _ in range(int(2.6 * SIDE * SIDE / (length * width))):
        x, y = rng.randrange(SIDE), rng.randrange(SIDE)
        angle = swing * float(turn[y, x])
        dx, dy = length / 2 * math.cos(angle), length / 2 * math.sin(angle)
        ends = [(_ENLARGED * (x - dx), _ENLARGED * (y - dy)), (_ENLARGED * (x + dx), _ENLARGED * (y + dy))]
        pen.line(ends, _vary(rng, tuple(scene[y, x]), vary), round(_ENLARGED * width * rng.uniform(0.6, 1.2)))
    return _finish(image)


def _dots(rng: random.Random) -> Pixels:
    """Points of nearly pure colour on a ground, as pointillists put them."""
    palette = draw_palette(rng)
    scene = _scene(rng, palette)
    image, pen = _canvas(rng.choice(palette))
    radius, vary = rng.uniform(2, 8), rng.randint(10, 80)
    for _ in range(int(1.5 * SIDE * SIDE / (math.pi * radius**2))):
        x, y, r = rng.randrange(SIDE), rng.randrange(SIDE), radius * rng.uniform(0.6, 1.2)
        box = [_ENLARGED * (x - r), _ENLARGED * (y - r), _ENLARGED * (x + r), _ENLARGED * (y + r)]
        pen.ellipse(box, _vary(rng, tuple(scene[y, x]), vary))
    return _finish(image)


def _tesserae(rng: random.Random) -> Pixels:
    """Cells around scattered seeds, flat or leaded: a mosaic or a church window."""
    palette, cell = draw_palette(rng), rng.uniform(10, 44)
    scene = _scene(rng, palette)
    across, down = _grid()
    count = int(SIDE / cell) + 3
    noise = np.random.default_rng(rng.getrandbits(32))
    jitter, tint = noise.random((2, count, count)), noise.normal(0, rng.uniform(2, 26), (count, count, 3))
    column, row = (across / cell).astype(int) + 1, (down / cell).astype(int) + 1
    distances, seeds = [], []
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            r, c = np.clip(row + i, 0, count - 1), np.clip(column + j, 0, count - 1)
            x, y = (c - 1 + jitter[0, r, c]) * cell, (r - 1 + jitter[1, r, c]) * cell
            distances.append(np.hypot(across - x, down - y))
            seeds.append(np.stack([y, x, r, c], -1))
    stacked = np.stack(distances)
    nearest = np.take_along_axis(np.stack(seeds), stacked.argmin(0)[None, :, :, None], 0)[0]
    y, x = (np.clip(nearest[..., k], 0, SIDE - 1).astype(int) for k in (0, 1))
    picture = scene[y, x] + tint[nearest[..., 2].astype(int), nearest[..., 3].astype(int)]
    gap = np.sort(stacked, 0)[1] - stacked.min(0)
    lead = rng.choice((0.0, 2.0, 4.0, 7.0))
    picture = np.where((gap < lead)[..., None], np.asarray(rng.choice((palette[0], palette[-1]))), picture)
    return _to_pixels(picture)


def _triangles(rng: random.Random) -> Pixels:
    """Facets: squares of a bent grid, each cut in two."""
    palette, cell, vary = draw_palette(rng), rng.uniform(16, 60), rng.randint(5, 40)
    scene = _scene(rng, palette)
    image, pen = _canvas(palette[0])
    count = int(SIDE / cell) + 3
    bend = [[(rng.uniform(-0.4, 0.4), rng.uniform(-0.4, 0.4)) for _ in range(count)] for _ in range(count)]

    def corner(r: int, c: int) -> tuple[float, float]:
        return (c - 1 + bend[r][c][0]) * cell, (r - 1 + bend[r][c][1]) * cell

    for r in range(count - 1):
        for c in range(count - 1):
            a, b, d, e = corner(r, c), corner(r, c + 1), corner(r + 1, c), corner(r + 1, c + 1)
            for three in ((a, b, d), (b, d, e)) if rng.random() < 0.5 else ((a, b, e), (a, d, e)):
                x, y = (int(min(SIDE - 1, max(0, sum(point[k] for point in three) / 3))) for k in (0, 1))
                points = [(_ENLARGED * px, _ENLARGED * py) for px, py in three]
                pen.polygon(points, _vary(rng, tuple(scene[y, x]), vary))
    return _finish(image)


def _waves(rng: random.Random) -> Pixels:
    """Bands that run along a bent plane, one colour after the other."""
    palette, across, down = draw_palette(rng), *_grid()
    angle, period = rng.uniform(0, math.pi), rng.uniform(8, 40)
    bent = rng.uniform(20, 120) * smooth_field(rng, rng.randint(2, 5), 2)
    phase = (across * math.cos(angle) + down * math.sin(angle) + bent) / period
    rng.shuffle(palette)
    return colour_by((phase / len(palette)) % 1, palette, smooth=rng.random() < 0.3)


def _marble(rng: random.Random) -> Pixels:
    """Veins: a palette run through several times along warped hills."""
    palette, turns = draw_palette(rng), rng.uniform(2, 9)
    field = smooth_field(rng, rng.randint(2, 5), rng.randint(2, 5))
    return colour_by(0.5 + 0.5 * np.sin(2 * math.pi * turns * field), palette, smooth=rng.random() < 0.7)


def _weave(rng: random.Random) -> Pixels:
    """Threads over and under each other, in a tartan's order of colours."""
    palette, thread = draw_palette(rng), rng.randint(3, 9)
    across, down = _grid()
    order = [rng.randrange(len(palette)) for _ in range(rng.randint(6, 24))]
    colours, twill = np.asarray(palette, np.float32), rng.randint(1, 3)
    column, row = (across // thread).astype(int), (down // thread).astype(int)
    over = (column + row * (1 if twill == 1 else -1)) % (2 * twill) < twill
    warp, weft = (colours[np.asarray(order)[index % len(order)]] for index in (column, row))
    rounded = [0.72 + 0.28 * np.sin(math.pi * ((at % thread) + 0.5) / thread) for at in (across, down)]
    picture = np.where(over[..., None], warp * rounded[0][..., None], weft * rounded[1][..., None])
    return _to_pixels(picture)


def _hatching(rng: random.Random) -> Pixels:
    """Lines in two or three directions, thicker where it is dark."""
    palette, tone = draw_palette(rng), smooth_field(rng, rng.randint(2, 5), 3)
    across, down = _grid()
    ground = colour_by(smooth_field(rng, 3), palette[-2:]).astype(np.float32)
    ink, period, first = np.asarray(palette[0], np.float32), rng.uniform(5, 13), rng.uniform(0, math.pi)
    wobble = 3 * smooth_field(rng, 12)
    for number in range(rng.randint(1, 3)):
        angle = first + number * rng.uniform(0.6, 1.4)
        phase = ((across * math.cos(angle) + down * math.sin(angle) + wobble) / period) % 1
        width = np.clip(1.25 - 1.1 * tone - 0.3 * number, 0, 0.9)
        shade = np.clip((width / 2 - np.abs(phase - 0.5)) * period + 0.5, 0, 1)[..., None]
        ground = ground + (ink - ground) * shade
    return _to_pixels(ground)


def _halftone(rng: random.Random) -> Pixels:
    """A printer's screen: dots on a turned grid, larger where it is dark, in one ink or two."""
    palette = draw_palette(rng)
    picture = np.full((SIDE, SIDE, 3), palette[-1], np.float32)
    across, down = _grid()
    period = rng.uniform(5, 16)
    for ink in palette[: rng.randint(1, 2)]:
        angle, tone = rng.uniform(0, math.pi / 2), smooth_field(rng, rng.randint(2, 5), 2)
        u, v = (((across * math.cos(a) + down * math.sin(a)) / period) % 1 - 0.5 for a in (angle, angle + math.pi / 2))
        shade = np.clip((0.72 * np.sqrt(1 - tone) - np.hypot(u, v)) * period + 0.5, 0, 1)[..., None]
        picture += (np.asarray(ink, np.float32) - picture) * shade
    return _to_pixels(picture)


def _washes(rng: random.Random) -> Pixels:
    """Thin layers of paint with darker rims on paper."""
    palette = draw_palette(rng)
    picture = np.full((SIDE, SIDE, 3), 244.0, np.float32) - 10 * smooth_field(rng, 60)[..., None]
    for _ in range(rng.randint(5, 14)):
        hills = smooth_field(rng, rng.randint(2, 6), 3)
        edge, level = rng.uniform(0.02, 0.06), rng.uniform(0.35, 0.75)
        inside = np.clip((hills - level) / 0.015, 0, 1)
        rim = np.exp(-(((hills - level) / edge) ** 2))
        depth = inside * (rng.uniform(0.25, 0.7) + 0.35 * rim)
        picture *= 1 - depth[..., None] * (1 - np.asarray(rng.choice(palette), np.float32) / 255)
    return _to_pixels(picture)


def _woodcut(rng: random.Random) -> Pixels:
    """Two inks: shapes cut out of a block, with the gouge's lines along their sides."""
    palette, shape = draw_palette(rng), smooth_field(rng, rng.randint(2, 5), 2)
    lines = 0.5 + 0.5 * np.sin(2 * math.pi * rng.uniform(8, 24) * smooth_field(rng, rng.randint(2, 4)))
    cut = shape + rng.uniform(0.2, 0.5) * (lines - 0.5)
    levels = (cut > 0.4).astype(int) + (cut > 0.65).astype(int) * rng.randint(0, 1)
    picture = np.asarray([palette[0], palette[-1], palette[len(palette) // 2]], np.uint8)[levels]
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(0.7)))


def _discs(rng: random.Random) -> Pixels:
    """Rings and discs over each other, as in early abstract painting."""
    palette = draw_palette(rng)
    image, pen = _canvas(rng.choice(palette))
    largest, rings = rng.uniform(16, 70), rng.randint(1, 4)
    for _ in range(int(3.5 * (SIDE / largest) ** 2)):
        x, y, radius = rng.randrange(SIDE), rng.randrange(SIDE), largest * rng.uniform(0.2, 1)
        for ring in range(rings, 0, -1):
            r = radius * ring / rings
            box = [_ENLARGED * (x - r), _ENLARGED * (y - r), _ENLARGED * (x + r), _ENLARGED * (y + r)]
            pen.ellipse(box, _vary(rng, rng.choice(palette), 12))
    return _finish(image)


def _blades(rng: random.Random) -> Pixels:
    """Thin curved strokes that overlap, darkest below: grass, hair, feathers."""
    palette = draw_palette(rng)
    image, pen = _canvas(palette[0])
    length, width = rng.uniform(20, 80), rng.uniform(1, 4)
    lean, turn = rng.uniform(0, 2 * math.pi), smooth_field(rng, 3)
    count = int(4 * SIDE * SIDE / (length * width))
    for number in range(count):
        x, y = rng.uniform(-20, SIDE + 20), rng.uniform(-20, SIDE + 20)
        angle = lean + 3 * float(turn[int(min(max(y, 0), SIDE - 1)), int(min(max(x, 0), SIDE - 1))])
        bend, points = rng.uniform(-1, 1), []
        for step in range(5):
            at = angle + bend * step / 4
            points.append((_ENLARGED * x, _ENLARGED * y))
            x, y = x + length / 4 * math.cos(at), y + length / 4 * math.sin(at)
        colour = palette[min(len(palette) - 1, int(rng.triangular(0, 1, number / count) * len(palette)))]
        pen.line(points, _vary(rng, colour, 20), max(1, round(_ENLARGED * width)))
    return _finish(image)


def _bricks(rng: random.Random) -> Pixels:
    """Courses of stones or tiles, each of its own tint, with joints."""
    palette, rough = draw_palette(rng), smooth_field(rng, rng.randint(8, 60), 3)
    across, down = _grid()
    height, ratio, joint = rng.uniform(12, 40), rng.uniform(1, 3), rng.uniform(1, 4)
    row = (down / height).astype(int)
    shifted = across + (row % 2) * height * ratio * rng.choice((0, 0.5))
    column = (shifted / (height * ratio)).astype(int)
    noise = np.random.default_rng(rng.getrandbits(32))
    stones = noise.integers(1, len(palette), (row.max() + 1, column.max() + 1))
    picture = np.asarray(palette, np.float32)[stones[row, column]]
    picture = picture * (1 - rng.uniform(0.1, 0.5) * (1 - rough[..., None]))
    mortar = (down % height < joint) | (shifted % (height * ratio) < joint)
    return _to_pixels(np.where(mortar[..., None], np.asarray(palette[0]), picture))


def _scribble(rng: random.Random) -> Pixels:
    """Long loose lines of chalk or pen over patches of colour."""
    palette = draw_palette(rng)
    image, pen = _canvas(_scene(rng, palette[1:]) if rng.random() < 0.5 else palette[-1])
    width, loops = rng.uniform(0.8, 4), rng.uniform(0.3, 1.2)
    for _ in range(rng.randint(60, 220)):
        x, y, angle, points = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(0, 2 * math.pi), []
        for _ in range(40):
            points.append((_ENLARGED * x, _ENLARGED * y))
            angle += rng.gauss(0.1, loops)
            x, y = x + 6 * math.cos(angle), y + 6 * math.sin(angle)
        pen.line(points, _vary(rng, rng.choice(palette[:3]), 15), max(1, round(_ENLARGED * width)), joint="curve")
    return _finish(image)


def _camouflage(rng: random.Random) -> Pixels:
    """Flat islands of colour with ragged or round shores, some outlined."""
    palette = draw_palette(rng)
    field = smooth_field(rng, rng.randint(3, 9), rng.randint(1, 5))
    picture = colour_by(field, palette, smooth=False)
    if rng.random() < 0.5:
        steps = np.minimum((field * len(palette)).astype(int), len(palette) - 1)
        edge = Image.fromarray((steps * 30).astype(np.uint8)).filter(ImageFilter.FIND_EDGES)
        thick = np.asarray(edge.filter(ImageFilter.MaxFilter(rng.choice((3, 5))))) > 8
        picture = np.where(thick[..., None], np.asarray(palette[0], np.uint8), picture)
    return picture


FAMILIES: dict[str, Family] = {
    "strokes": _strokes,
    "dots": _dots,
    "tesserae": _tesserae,
    "triangles": _triangles,
    "waves": _waves,
    "marble": _marble,
    "weave": _weave,
    "hatching": _hatching,
    "halftone": _halftone,
    "washes": _washes,
    "woodcut": _woodcut,
    "discs": _discs,
    "blades": _blades,
    "bricks": _bricks,
    "scribble": _scribble,
    "camouflage": _camouflage,
}
