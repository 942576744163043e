"""A stand-in for the published archive: the same layout, weights that copy the picture through."""

from pathlib import Path

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.teachers.pcakd_weights import DECODER_KERNELS, ENCODER_KERNELS, VGG_FILE

LOUD = 30.0  # features as large as the published network's, beside which the identity in the whitening is small


def copying_arrays() -> dict[str, Floats]:
    """Arrays by name: every convolution copies the first three channels, the first one louder, the last one softer."""
    arrays = {}
    for part, stages in (("sencoder", ENCODER_KERNELS), ("sdecoder", DECODER_KERNELS)):
        for stage, shapes in enumerate(stages):
            for index, (height, width, channels, filters) in enumerate(shapes):
                kernel = np.zeros((height, width, channels, filters), np.float32)
                for colour in range(3):
                    kernel[height // 2, width // 2, colour, colour] = 1
                name = f"{part}/btnecks/{stage}/layer_with_weights-{index}"
                arrays[f"{name}/kernel"] = kernel
                arrays[f"{name}/bias"] = np.zeros(filters, np.float32)
    arrays["sencoder/btnecks/0/layer_with_weights-1/kernel"] *= LOUD
    arrays["sdecoder/btnecks/0/layer_with_weights-0/kernel"] /= LOUD
    arrays["sencoder/conv_aux/0"] = np.zeros((64, 10), np.float32)  # the published one holds more than is used
    return arrays


def write_archive(folder: Path, arrays: dict[str, Floats]) -> Path:
    """Write them as the published file is named."""
    path = folder / VGG_FILE
    np.savez(path, **arrays)
    return path
