"""Reading the published weights of PCA-KD: an archive of numpy arrays, taken for damaged until each is as expected."""

import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError

VGG_FILE = "pcakd_VGG.npz"
_HEADER_BYTES = 4096  # more than the header of any array here

# kernels (height, width, channels in, channels out), in the order they are applied
ENCODER_KERNELS = (
    ((1, 1, 3, 3), (3, 3, 3, 10)),
    ((3, 3, 10, 10), (3, 3, 10, 20)),
    ((3, 3, 20, 20), (3, 3, 20, 58)),
    ((3, 3, 58, 58), (3, 3, 58, 58), (3, 3, 58, 58), (3, 3, 58, 64)),
)
DECODER_KERNELS = (
    ((3, 3, 13, 3),),
    ((3, 3, 20, 10), (3, 3, 10, 10)),
    ((3, 3, 58, 20), (3, 3, 20, 20)),
    ((3, 3, 64, 58), (3, 3, 58, 58), (3, 3, 58, 58), (3, 3, 58, 58)),
)

Shape = tuple[int, ...]
Layer = tuple[Tensor, Tensor]  # kernel [out,in,h,w] and bias [out]
Stages = tuple[tuple[Layer, ...], ...]


def read_stages(path: Path) -> tuple[Stages, Stages]:
    """Read the four encoder and the four decoder stages of the VGG archive.

    Args:
        path: of `pcakd_VGG.npz`, or of the folder that holds it; from the authors' page,
            https://github.com/chiutaiyin/PCA-Knowledge-Distillation (MIT).

    Returns:
        Layers of the encoders and of the decoders, stage by stage; kernels float32 `[out,in,h,w]`.

    Raises:
        ArtifactError: the file is missing, no archive, or an array in it is missing, of another shape or not finite.
    """
    file = path / VGG_FILE if path.is_dir() else path
    if not file.is_file():
        raise ArtifactError(f"no weights of PCA-KD at {file}: give the path of {VGG_FILE}")
    try:
        with zipfile.ZipFile(file) as archive:
            return _stages(archive, "sencoder", ENCODER_KERNELS), _stages(archive, "sdecoder", DECODER_KERNELS)
    except ArtifactError as error:
        raise ArtifactError(f"{file} is not PCA-KD's {VGG_FILE}: {error}") from error
    # zipfile raises NotImplementedError for a compression it does not know, RuntimeError for an encrypted file
    except (OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"{file} is not PCA-KD's {VGG_FILE}: {str(error) or 'it is cut short'}") from error


def _stages(archive: zipfile.ZipFile, part: str, kernels: tuple[tuple[Shape, ...], ...]) -> Stages:
    stages = []
    for number, shapes in enumerate(kernels):
        name = f"{part}/btnecks/{number}/layer_with_weights"
        stages.append(tuple(_layer(archive, f"{name}-{index}", shape) for index, shape in enumerate(shapes)))
    return tuple(stages)


def _layer(archive: zipfile.ZipFile, name: str, shape: Shape) -> Layer:
    kernel = _array(archive, f"{name}/kernel", shape)
    bias = _array(archive, f"{name}/bias", shape[3:])
    return torch.from_numpy(kernel).permute(3, 2, 0, 1).contiguous(), torch.from_numpy(bias)


def _array(archive: zipfile.ZipFile, name: str, shape: Shape) -> Floats:
    """One array, refused by its size before it is unpacked and by its header before it is used."""
    if f"{name}.npy" not in archive.namelist():
        raise ArtifactError(f"it lacks {name}")
    expected_bytes = 4 * int(np.prod(shape))
    if not 0 <= archive.getinfo(f"{name}.npy").file_size - expected_bytes <= _HEADER_BYTES:
        raise ArtifactError(f"{name} does not hold {list(shape)} numbers of 4 bytes")
    with archive.open(f"{name}.npy") as stream:
        array = np.lib.format.read_array(stream, allow_pickle=False)
    if array.dtype != np.float32 or array.shape != shape:
        raise ArtifactError(f"{name} is {array.dtype} {list(array.shape)}, not float32 {list(shape)}")
    if not np.isfinite(array).all():
        raise ArtifactError(f"{name} holds numbers that are not finite")
    return np.ascontiguousarray(array)
