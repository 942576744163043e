"""Run `.tflite` networks that are not edgestyle's own: one picture in, arrays out, no signatures."""

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from edgestyle.arrays import Floats, Pixels
from edgestyle.errors import ArtifactError
from edgestyle.quiet import quiet


class ForeignNetwork:
    """A LiteRT interpreter on the CPU for a network with one input, `float32 [1,S,S,3]`.

    Args:
        path: the `.tflite` file.
        threads: CPU threads; None is LiteRT's default.

    Raises:
        ArtifactError: the file is missing or damaged.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        try:
            with quiet():  # the CPU delegate announces itself
                self._interpreter = Interpreter(str(path), num_threads=threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError) as error:
            raise ArtifactError(f"LiteRT cannot load {path}: {error}") from error
        (self._input,) = self._interpreter.get_input_details()
        self._outputs = self._interpreter.get_output_details()
        self.side = int(self._input["shape"][1])

    def run(self, pixels: Pixels, values: tuple[float, float]) -> dict[str, Floats]:
        """All outputs by name, as the file has them.

        Args:
            pixels: `uint8 [S,S,3]`.
            values: what the network takes for black and for white.
        """
        low, high = (np.float32(value) for value in values)
        image = pixels[None].astype(np.float32) * ((high - low) / np.float32(255)) + low
        self._interpreter.set_tensor(self._input["index"], image)
        self._interpreter.invoke()
        return {output["name"]: self._interpreter.get_tensor(output["index"]) for output in self._outputs}
