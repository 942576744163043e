"""Selfies: how fast, how many faces are found, how much of the likeness stays.

python -m benchmarks.selfie PHOTOS     a folder; photos in it with a face of 40 pixels or more are searched,
                                       and so are those that are known to show nobody
python -m benchmarks.selfie --timed FILE     prints a row; a process of its own, for its memory
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.rows import write_rows
from edgestyle.bench.counters import peak_rss_bytes
from edgestyle.bench.environment import describe_host
from edgestyle.bench.statistics import summarise
from edgestyle.errors import FaceError
from edgestyle.images import PICTURE_SUFFIXES, Pixels, over_white, read_picture, write_picture
from edgestyle.selfie.composing import Background
from edgestyle.selfie.frames import Frame
from edgestyle.selfie.framing import check_face, frame_face
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.making import Look, SelfieMaker

ROOT = Path(__file__).parent.parent
ASTRONAUT = ROOT / "examples" / "astronaut.jpg"
STYLES = ("cartoon", "watercolour", "pop-art", "oil")
TURNS_DEGREES = (-25, -12, 0, 12, 25)
LIGHTS = (1.0, 0.5, 0.3)
LARGE = (4032, 3024)  # 12 megapixels
TIMED_RUNS = 10
NOBODY = frozenset(
    [f"kodim{number:02}" for number in (1, 2, 3, 5, 6, 7, 8, 10, 11, 13, 16, 19, 20, 22, 23, 24)]
    + ["skimage_brick", "skimage_chelsea", "skimage_grass", "skimage_rocket", "sklearn_china", "sklearn_flower"]
)  # photos of public sets in which nobody can be seen
_NOSE = 1  # the landmark at its tip
FOUND_WITHIN = 0.15  # of the eye distance, in the mean over both eyes

Row = dict[str, Any]
Portraits = list[tuple[str, Pixels, Face]]


def main() -> None:
    """Measure, and write `results/selfie.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "photos", type=Path, nargs="?", help="folder with more portraits; the astronaut is always there"
    )
    parser.add_argument("--timed", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.timed:
        print(json.dumps(_time_here(options.timed)))
        return
    maker = SelfieMaker()
    pictures = _pictures(options.photos)
    faces = find_faces(maker, [ASTRONAUT, *pictures])
    portraits = [one for one in faces if is_frontal(one[2])]
    others = [one for one in faces if not is_frontal(one[2])]
    rows = [measure_time(), *measure_found(maker, portraits), *measure_found(maker, others, "found_others")]
    rows += [measure_alarms(maker, pictures), *measure_likeness(maker, portraits)]
    print(write_rows("selfie", rows, ("ai-edge-litert", "numpy", "onnxruntime", "pillow")))


def find_faces(maker: SelfieMaker, paths: list[Path]) -> Portraits:
    """Photos whose largest face can be drawn, with that face; the astronaut is taken once."""
    found = []
    for path in paths:
        if path != ASTRONAUT and "astronaut" in path.name:
            continue
        photo = over_white(read_picture(path))
        for face in maker.find_faces(photo)[:1]:
            try:
                check_face(face, photo.shape[1], photo.shape[0], maker.recipe.framing)
            except FaceError:
                continue
            found.append((path.stem, photo, face))
    return found


def is_frontal(face: Face) -> bool:
    """Whether the tip of the nose is in the middle 30% of the face's width: in profile a mesh is a guess."""
    level = Frame(0, 0, 1, face.angle)
    across = level.from_photo(face.oval)[:, 0]
    nose = float(level.from_photo(face.landmarks[[_NOSE]])[0, 0])
    return bool(abs((nose - across.min()) / (across.max() - across.min()) - 0.5) <= 0.15)


def measure_time() -> Row:
    """The whole way from a JPEG of 12 megapixels to a PNG, warm: milliseconds, and the process's highest memory."""
    with tempfile.TemporaryDirectory() as folder:
        photo = Image.new("RGB", LARGE, (96, 110, 120))
        astronaut = Image.open(ASTRONAUT).resize((2400, 2400), Image.Resampling.BICUBIC)
        photo.paste(astronaut, (800, 600))
        photo.save(Path(folder) / "photo.jpg", quality=92)
        command = [sys.executable, "-m", "benchmarks.selfie", "--timed", str(Path(folder) / "photo.jpg")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return {"part": "time", "size": list(LARGE), **row, "device": describe_host()}


def _time_here(file: Path) -> Row:
    """What the process that `measure_time` starts does; processor time too, as other work stretches the clock's."""
    target, maker = file.with_suffix(".png"), SelfieMaker()
    look = Look("cartoon", 1.0, Background("colour", (255, 209, 102)), "circle", 512)
    samples_ms, processor_ms = [], []
    for number in range(TIMED_RUNS + 2):
        clock, processor = time.perf_counter(), time.process_time()
        photo = over_white(read_picture(file))
        write_picture(maker.draw(photo, maker.find_faces(photo)[0], look), target)
        if number >= 2:
            samples_ms.append(1000 * (time.perf_counter() - clock))
            processor_ms.append(1000 * (time.process_time() - processor))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "latency_ms": asdict(summarise(samples_ms)),
        "fastest_ms": min(samples_ms),
        "processor_ms": float(np.median(processor_ms)),
        "cores": cores,
        "load_average": os.getloadavg()[0],
        "peak_rss_bytes": peak_rss_bytes(),
    }


def measure_found(maker: SelfieMaker, portraits: Portraits, part: str = "found") -> Iterator[Row]:
    """For every light, how many turned portraits have their face found, both eyes where they are."""
    for light in LIGHTS if portraits else ():
        missed = []
        for name, photo, face in portraits:
            for degrees in TURNS_DEGREES:
                turned, eyes = turn(photo, face.eyes, degrees)
                faces = maker.find_faces((turned * light).astype(np.uint8))
                errors = [np.linalg.norm(one.eyes - eyes, axis=1).mean() / face.eye_distance for one in faces[:1]]
                if not errors or errors[0] > FOUND_WITHIN:
                    missed.append(f"{name} at {degrees}")
        count = len(portraits) * len(TURNS_DEGREES)
        row = {"part": part, "light": light, "portraits": len(portraits), "largest_turn_degrees": TURNS_DEGREES[-1]}
        yield {**row, "pictures": count, "found": count - len(missed), "missed": missed}


def measure_alarms(maker: SelfieMaker, paths: list[Path]) -> Row:
    """In which photos that show nobody a face is found all the same."""
    nobody = [path for path in paths if path.stem in NOBODY]
    alarms = [path.stem for path in nobody if maker.find_faces(over_white(read_picture(path)))]
    return {"part": "alarms", "pictures": len(nobody), "alarms": alarms}


def turn(photo: Pixels, points: Any, degrees: float) -> tuple[Pixels, Any]:
    """A photo turned counterclockwise about its middle, nothing cut off, and where points of it then are."""
    image = Image.fromarray(photo)
    turned = image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(128, 128, 128))
    angle = np.deg2rad(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle, new_middle = np.array(image.size) / 2, np.array(turned.size) / 2
    return np.asarray(turned), (points - middle) @ rotation + new_middle


def measure_likeness(maker: SelfieMaker, portraits: Portraits) -> Iterator[Row]:
    """For every style at strength 1, how far landmarks found again on the result are from the photo's.

    In the mean over all landmarks, as a share of the distance between the eyes; for the astronaut also with eyes and
    mouth drawn in full, for comparison.
    """
    full = replace(maker.recipe, likeness=replace(maker.recipe.likeness, mild=1.0))
    all_full = SelfieMaker(maker.pack, recipe=full)
    for style in STYLES:
        look = Look(style, 1.0, Background("keep"), "square", 512)
        shares = [_moved(maker, photo, face, look) for _, photo, face in portraits]
        moved = np.array([share for share in shares if share is not None])
        row = {"part": "likeness", "style": style, "strength": 1.0, "portraits": len(portraits)}
        row |= {"moved": float(moved.mean()), "moved_worst": float(moved.max()), "lost": len(shares) - len(moved)}
        _, photo, face = portraits[0]
        yield {
            **row,
            "moved_each": [round(share, 4) if share else None for share in shares],
            "moved_astronaut": shares[0],
            "moved_in_full_astronaut": _moved(all_full, photo, face, look),
        }


def _moved(maker: SelfieMaker, photo: Pixels, face: Face, look: Look) -> float | None:
    """None where no face is found on the result."""
    frame = frame_face(face, photo.shape[1], photo.shape[0], maker.recipe.framing)
    drawn = maker.draw(photo, face, look).pixels
    before = frame.from_photo(face.landmarks) * len(drawn)
    for again in maker.find_faces(drawn)[:1]:
        distance = face.eye_distance / frame.side * len(drawn)
        return float(np.linalg.norm(again.landmarks - before, axis=1).mean() / distance)
    return None


def _pictures(folder: Path | None) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES) if folder else []


if __name__ == "__main__":
    main()
