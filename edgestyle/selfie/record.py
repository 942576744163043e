"""The recipe as a file, with what was found on one photo: what a phone app has to reproduce."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgestyle.arrays import Pixels
from edgestyle.contract import SIZE_MULTIPLE, SMALLEST_SIDE
from edgestyle.images import whole_file
from edgestyle.packs.pack import Style
from edgestyle.selfie.faces import NETWORKS
from edgestyle.selfie.framing import frame_face
from edgestyle.selfie.landmarks import Face
from edgestyle.selfie.making import Look, SelfieMaker
from edgestyle.sidecar import file_sha256


def write_record(path: Path, maker: SelfieMaker, photo: Pixels, faces: list[Face], look: Look) -> None:
    """Write `recipe.json`, whole or not at all.

    Args:
        path: the file.
        maker: whose recipe and pack were taken.
        photo: `uint8 [H,W,3]`.
        faces: that were drawn, found in it.
        look: how.

    Raises:
        OutputError: it cannot be written.
    """
    with whole_file(path) as temporary:
        record = make_record(maker, photo, faces, look)
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def make_record(maker: SelfieMaker, photo: Pixels, faces: list[Face], look: Look) -> dict[str, Any]:
    """The same as plain lists and numbers; arguments as for `write_record`."""
    height, width = photo.shape[:2]
    style = _style(maker, look)
    return {
        **maker.recipe.to_json(),
        "networks": {path.name: file_sha256(path) for path in sorted(NETWORKS.glob("*.tflite"))},
        "pack": maker.pack.name,
        "drawing": drawing_json(maker, look),
        "look": {**asdict(look), "style": style.name},
        "photo": {"width": width, "height": height},
        "faces": [_face_json(face, maker, width, height) for face in faces],
    }


def _style(maker: SelfieMaker, look: Look) -> Style:
    return look.style if isinstance(look.style, Style) else maker.pack.style(look.style)


def drawing_json(maker: SelfieMaker, look: Look) -> dict[str, Any]:
    """How the pack's network is run: whether the picture is flattened first; at which long side, null for its own; what
    its sides are multiples of, right and lower edges repeated; and how much of the photo's detail, which is what
    shrinking loses, stays at full strength.
    """
    return {
        "flattened": maker.flattens,
        "long_side": maker.long_side,
        "size_multiple": SIZE_MULTIPLE,
        "smallest_side": SMALLEST_SIDE,
        "detail": _style(maker, look).detail,
    }


def _face_json(face: Face, maker: SelfieMaker, width: int, height: int) -> dict[str, Any]:
    """Positions in pixels of the upright photo."""
    return {
        "presence": round(face.presence, 4),
        "angle_degrees": round(face.angle, 3),
        "eyes": face.eyes.round(2).tolist(),
        "frame": {
            key: round(value, 3) for key, value in asdict(frame_face(face, width, height, maker.recipe.framing)).items()
        },
        "landmarks": [[round(x, 2), round(y, 2)] for x, y in face.landmarks.tolist()],
    }
