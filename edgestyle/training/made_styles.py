"""Style pictures drawn by rules: scenes painted in strokes, dabs, dots, hatches, triangles, and patterns on their own.

They are as many as one likes, have no licence to mind, and differ in what a style is: palette, mark, scale, order.
After Haeberli, "Paint by Numbers: Abstract Image Representations", SIGGRAPH 1990: marks take their colour from a scene.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy.spatial import Delaunay

from edgestyle.images import Pixels

SIDE = 384
Scene = NDArray[np.float32]  # [384,384,3] in [0,1]
Colour = tuple[int, int, int]


def draw_style(scene: Pixels, numbers: Generator, family: str) -> Pixels:
    """A style picture.

    Args:
        scene: what is painted, `uint8 [384,384,3]`; patterns take only its place.
        numbers: source of all chance.
        family: a name in `FAMILIES`.

    Returns:
        `uint8 [384,384,3]`.
    """
    drawn = FAMILIES[family](recolour(scene, numbers), numbers)
    return np.asarray(drawn.convert("RGB"), np.uint8)


def draw_palette(numbers: Generator, colours: int) -> NDArray[np.float32]:
    """Colours that go together: hues near one or two of the wheel, from dark to light, `[K,3]` in [0,1]."""
    hue = numbers.random()
    other = hue + numbers.choice((0.0, 0.08, 1 / 3, 0.5))
    spread = numbers.uniform(0.0, 0.12)
    greyness = numbers.choice((0.0, 0.0, 0.5, 0.9))
    low, high = sorted(numbers.uniform(0.03, 1.0, 2))
    found = []
    for index in range(colours):
        value = low + (max(high, low + 0.45) - low) * index / max(colours - 1, 1)
        tone = (hue if numbers.random() < 0.6 else other) + numbers.normal(0, spread)
        found.append(_from_hsv(tone % 1, (1 - greyness) * numbers.uniform(0.25, 1.0), min(value, 1.0)))
    return np.array(found, np.float32)


def recolour(scene: Pixels, numbers: Generator) -> Scene:
    """A scene in a palette: light maps to a ramp of colours, of which some keep the scene's own."""
    light = scene.astype(np.float32) / 255
    grey = light @ np.array([0.299, 0.587, 0.114], np.float32)
    stretched = np.clip((grey - np.quantile(grey, 0.02)) / max(np.ptp(np.quantile(grey, (0.02, 0.98))), 0.05), 0, 1)
    palette = draw_palette(numbers, int(numbers.integers(3, 7)))
    places = np.linspace(0, 1, len(palette))
    ramp = np.stack([np.interp(stretched, places, palette[:, channel]) for channel in range(3)], -1)
    kept = numbers.choice((0.0, 0.2, 0.5, 1.0))
    return np.asarray(np.clip(kept * light + (1 - kept) * ramp, 0, 1), np.float32)


def smooth_noise(numbers: Generator, cells: float, octaves: int = 1) -> NDArray[np.float32]:
    """Noise of so many cells across, each octave half as wide and half as strong, `[384,384]` in [0,1]."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(octaves):
        count = max(2, round(cells * 2**octave))
        grid = Image.fromarray(numbers.random((count + 1, count + 1)).astype(np.float32))
        total += np.asarray(grid.resize((SIDE, SIDE), Image.Resampling.BICUBIC)) / 2**octave
    low, high = total.min(), total.max()
    return np.asarray((total - low) / max(high - low, 1e-6), np.float32)


def _strokes(scene: Scene, numbers: Generator) -> Image.Image:
    """Short lines along a flow, as Van Gogh laid them."""
    picture, draw = _canvas(scene)
    angle = smooth_noise(numbers, numbers.uniform(2, 6)) * numbers.uniform(1, 4) * math.pi
    length, width = numbers.uniform(8, 30), int(numbers.integers(2, 7))
    jitter = numbers.uniform(0.02, 0.12)
    for x, y in _places(numbers, round(9 * SIDE * SIDE / (length * width) / 2)):
        turn = angle[y, x]
        dx, dy = math.cos(turn) * length / 2, math.sin(turn) * length / 2
        draw.line((x - dx, y - dy, x + dx, y + dy), _ink(scene[y, x], numbers, jitter), width)
    return picture


def _dabs(scene: Scene, numbers: Generator) -> Image.Image:
    """Flat ellipses, larger ones below, as impressionists dab."""
    picture, draw = _canvas(scene)
    jitter, squash = numbers.uniform(0.02, 0.1), numbers.uniform(0.3, 1.0)
    for size in np.geomspace(numbers.uniform(12, 30), numbers.uniform(4, 9), 3):
        for x, y in _places(numbers, round(2.5 * SIDE * SIDE / size**2)):
            draw.ellipse((x - size, y - size * squash, x + size, y + size * squash), _ink(scene[y, x], numbers, jitter))
    return picture


def _dots(scene: Scene, numbers: Generator) -> Image.Image:
    """Pure dots side by side, as pointillists set them."""
    paper = _ink(np.full(3, numbers.uniform(0.6, 1), np.float32), numbers, 0.1)
    picture = Image.new("RGB", (SIDE, SIDE), paper)
    draw = ImageDraw.Draw(picture)
    size, jitter = numbers.uniform(1.5, 5), numbers.uniform(0.1, 0.35)
    for x, y in _places(numbers, round(numbers.uniform(1.0, 2.5) * SIDE * SIDE / (3 * size**2))):
        draw.ellipse((x - size, y - size, x + size, y + size), _ink(scene[y, x], numbers, jitter))
    return picture


def _hatches(scene: Scene, numbers: Generator) -> Image.Image:
    """Parallel lines, more directions where it is darker."""
    grey = scene.mean(-1)
    paper, ink = draw_palette(numbers, 2)[::-1]
    y, x = np.mgrid[:SIDE, :SIDE]
    step, first = numbers.uniform(4, 10), numbers.uniform(0, math.pi)
    covered = np.zeros((SIDE, SIDE), np.float32)
    for index, threshold in enumerate((0.75, 0.55, 0.35)):
        angle = first + index * numbers.uniform(0.6, 1.2)
        wobble = 6 * smooth_noise(numbers, 8)
        phase = (x * math.cos(angle) + y * math.sin(angle) + wobble) / step * 2 * math.pi
        covered = np.maximum(covered, (np.sin(phase) > 0.3) * (grey < threshold))
    tint = numbers.choice((0.0, 0.0, 0.6))
    lines = covered[..., None] * numbers.uniform(0.7, 1)
    return _picture((1 - lines) * (tint * scene + (1 - tint) * paper) + lines * ink)


def _halftone(scene: Scene, numbers: Generator) -> Image.Image:
    """Dots of a print, larger where it is darker, in one ink or three."""
    y, x = np.mgrid[:SIDE, :SIDE]
    step = numbers.uniform(5, 12)
    colours = scene if numbers.random() < 0.5 else scene.mean(-1, keepdims=True).repeat(3, -1)
    planes = []
    for channel in range(3):
        angle = numbers.uniform(0, math.pi) if colours is scene else 0.5
        u = (x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / step
        v = (y * math.cos(angle) - x * math.sin(angle)) * 2 * math.pi / step
        planes.append((np.cos(u) + np.cos(v)) / 4 + 0.5 < colours[..., channel])
    paper, ink = draw_palette(numbers, 2)[::-1]
    mask = np.stack(planes, -1).astype(np.float32)
    return _picture(mask * paper + (1 - mask) * ink)


def _triangles(scene: Scene, numbers: Generator) -> Image.Image:
    """Flat triangles, with or without lines between."""
    points = np.concatenate([numbers.uniform(-20, SIDE + 20, (int(numbers.integers(80, 900)), 2)), _CORNERS])
    picture, draw = _canvas(scene)
    outline = _ink(draw_palette(numbers, 1)[0], numbers, 0) if numbers.random() < 0.5 else None
    for corners in points[Delaunay(points).simplices]:
        x, y = np.clip(corners.mean(0), 0, SIDE - 1).astype(int)
        draw.polygon([tuple(map(float, corner)) for corner in corners], _ink(scene[y, x], numbers, 0.04), outline)
    return picture


def _blocks(scene: Scene, numbers: Generator) -> Image.Image:
    """Squares or bricks, each of one colour, with joints."""
    wide, high = int(numbers.integers(8, 36)), int(numbers.integers(8, 24))
    joint = _ink(draw_palette(numbers, 1)[0], numbers, 0)
    gap, picture = int(numbers.integers(0, 3)), Image.new("RGB", (SIDE, SIDE), joint)
    draw = ImageDraw.Draw(picture)
    for row, top in enumerate(range(0, SIDE, high)):
        for left in range(-wide // 2 * (row % 2), SIDE, wide):
            at = scene[min(top + high // 2, SIDE - 1), min(max(left + wide // 2, 0), SIDE - 1)]
            draw.rectangle((left, top, left + wide - 1 - gap, top + high - 1 - gap), _ink(at, numbers, 0.06))
    return picture


def _shapes(scene: Scene, numbers: Generator) -> Image.Image:
    """Circles, bars and wedges over one another, as abstract painters composed."""
    palette = draw_palette(numbers, 6)
    picture = Image.new("RGB", (SIDE, SIDE), _ink(palette[-1], numbers, 0.02))
    draw = ImageDraw.Draw(picture)
    largest = numbers.uniform(30, 90)
    for x, y in _places(numbers, int(numbers.integers(60, 300))):
        size, ink = numbers.uniform(4, largest), _ink(palette[numbers.integers(len(palette))], numbers, 0.06)
        kind = numbers.integers(4)
        if kind == 0:
            draw.ellipse((x - size, y - size, x + size, y + size), ink)
        elif kind == 1:
            draw.ellipse((x - size, y - size, x + size, y + size), None, ink, int(numbers.integers(1, 6)))
        elif kind == 2:
            turn = numbers.uniform(0, math.pi)
            dx, dy = size * math.cos(turn), size * math.sin(turn)
            draw.line((x - dx, y - dy, x + dx, y + dy), ink, int(numbers.integers(1, 9)))
        else:
            corners = numbers.normal((x, y), size / 2, (3, 2))
            draw.polygon([tuple(map(float, corner)) for corner in corners], ink)
    return picture


def _marble(scene: Scene, numbers: Generator) -> Image.Image:
    """Veins and clouds: a ramp of colours along turbulence."""
    bands = numbers.uniform(1, 10)
    field = smooth_noise(numbers, numbers.uniform(2, 6), 5) * bands
    palette = draw_palette(numbers, 6)
    light = np.abs((field % 2) - 1) if numbers.random() < 0.6 else field % 1
    places = np.linspace(0, 1, len(palette))
    numbers.shuffle(palette)
    return _picture(np.stack([np.interp(light, places, palette[:, channel]) for channel in range(3)], -1))


def _contours(scene: Scene, numbers: Generator) -> Image.Image:
    """Lines of equal height, as on a map or in cut wood, over flat tones."""
    grey = Image.fromarray(np.uint8(255 * scene.mean(-1))).filter(ImageFilter.GaussianBlur(numbers.uniform(1, 4)))
    field = np.asarray(grey, np.float32) / 255 + numbers.uniform(0.1, 0.6) * smooth_noise(numbers, 4, 3)
    levels = numbers.uniform(6, 22)
    lines = (np.abs((field * levels) % 1 - 0.5) < numbers.uniform(0.1, 0.25))[..., None]
    tones = np.floor(field * levels / 2) * 2 / levels
    palette = draw_palette(numbers, 5)
    places = np.linspace(0, float(tones.max()), len(palette))
    flat = np.stack([np.interp(tones, places, palette[:, channel]) for channel in range(3)], -1)
    return _picture(np.where(lines, palette[0] * numbers.uniform(0, 1), flat))


def _waves(scene: Scene, numbers: Generator) -> Image.Image:
    """Scales of rings in rows, as on Japanese cloth."""
    palette = draw_palette(numbers, 5)
    numbers.shuffle(palette)
    radius, rings = numbers.uniform(14, 40), int(numbers.integers(2, 5))
    picture = Image.new("RGB", (SIDE, SIDE), _ink(palette[0], numbers, 0))
    draw = ImageDraw.Draw(picture)
    for row in range(int(2 * SIDE / radius) + 3):
        for column in range(int(SIDE / radius / 2) + 2):
            x, y = radius * (2 * column + row % 2), row * radius / 2
            for ring in range(rings):
                size = radius * (1 - ring / rings)
                ink = _ink(palette[1 + ring % 4], numbers, 0.03)
                draw.ellipse((x - size, y - size, x + size, y + size), ink, _ink(palette[0], numbers, 0), 1)
    return picture


def _weave(scene: Scene, numbers: Generator) -> Image.Image:
    """Threads over and under, in stripes of a few colours."""
    palette = draw_palette(numbers, 5)
    y, x = np.mgrid[:SIDE, :SIDE]
    thread = numbers.uniform(3, 9)
    warp, weft = (numbers.integers(0, 5, 400).repeat(int(numbers.integers(1, 8))) for _ in range(2))
    column, row = (x / thread).astype(int), (y / thread).astype(int)
    over = (column + row * int(numbers.integers(1, 3))) % int(numbers.integers(2, 5)) == 0
    colours = np.where(over[..., None], palette[warp[column]], palette[weft[row]])
    across = np.where(over, x, y) / thread * 2 * math.pi
    return _picture(colours * (0.8 + 0.2 * np.sin(across))[..., None])


def _wash(scene: Scene, numbers: Generator) -> Image.Image:
    """Broad flat washes with darker rims on grained paper."""
    soft = _picture(scene).filter(ImageFilter.ModeFilter(int(numbers.choice((7, 9, 13)))))
    tones = int(numbers.integers(4, 8))
    flat = np.asarray(soft.filter(ImageFilter.GaussianBlur(1)), np.float32) / 255
    steps = np.floor(flat * tones) / (tones - 1)
    rims = np.asarray(_picture(steps).convert("L").filter(ImageFilter.FIND_EDGES), np.float32)[..., None] / 255
    grain = numbers.normal(0, numbers.uniform(0, 0.06), (SIDE, SIDE, 1))
    return _picture(steps * (1 - numbers.uniform(0.2, 0.9) * np.minimum(rims * 2, 1)) + grain)


FAMILIES: dict[str, Callable[[Scene, Generator], Image.Image]] = {
    "strokes": _strokes,
    "dabs": _dabs,
    "dots": _dots,
    "hatches": _hatches,
    "halftone": _halftone,
    "triangles": _triangles,
    "blocks": _blocks,
    "shapes": _shapes,
    "marble": _marble,
    "contours": _contours,
    "waves": _waves,
    "weave": _weave,
    "wash": _wash,
}

_CORNERS = np.array([(-20, -20), (-20, SIDE + 20), (SIDE + 20, -20), (SIDE + 20, SIDE + 20)], float)


def _canvas(scene: Scene) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = _picture(scene)
    return picture, ImageDraw.Draw(picture)


def _places(numbers: Generator, count: int) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in numbers.integers(0, SIDE, (count, 2))]


def _ink(colour: NDArray[np.float32], numbers: Generator, jitter: float) -> Colour:
    """A colour a little off, 0 to 255."""
    r, g, b = np.clip(255 * (colour + numbers.normal(0, jitter, 3)), 0, 255).astype(int)
    return int(r), int(g), int(b)


def _picture(values: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.uint8(np.clip(255 * values + 0.5, 0, 255)))


def _from_hsv(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    """Smith, "Color Gamut Transform Pairs", SIGGRAPH 1978."""
    wheel = [value - value * saturation * max(0.0, min(k, 4 - k, 1)) for k in ((n + 6 * hue) % 6 for n in (5, 3, 1))]
    return wheel[0], wheel[1], wheel[2]
