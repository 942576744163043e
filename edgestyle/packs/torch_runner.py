"""Run a pack with torch itself, as the yardstick that its exported files are held against."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from edgestyle.arrays import Floats
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer


class TorchRunner:
    """A pack's renderer in torch, float32.

    Args:
        path: the pack's folder.
        threads: torch's; None leaves it to torch.
        device: torch's name of it.
    """

    pixel_input = False
    pixel_output = False

    def __init__(self, path: Path, threads: int | None = None, device: str = "cpu") -> None:
        self.runtime = f"torch {torch.__version__}"
        if threads is not None:
            torch.set_num_threads(threads)
        self._device = device
        self._renderer = load_renderer(load_pack(path)).to(device)

    def bind(self, image: Floats, style: Floats, strength: float) -> Callable[[], object]:
        """See `Runner.bind`."""
        values = (image, style, np.array([strength], np.float32))
        inputs = [torch.from_numpy(np.ascontiguousarray(value)).to(self._device) for value in values]

        def call() -> object:
            with torch.inference_mode():
                return self._renderer(*inputs).cpu().numpy()

        return call

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        """See `Runner.run`."""
        return np.asarray(self.bind(image, style, strength)(), np.float32)

    def placement(self, image: Floats, style: Floats, strength: float) -> dict[str, int]:
        """See `Runner.placement`: torch's operators of one run, by the device their results lie on."""
        ran: Counter[str] = Counter()

        class Counting(TorchDispatchMode):
            """Looks at every operator as torch runs it."""

            def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
                result = func(*args, **(kwargs or {}))
                if isinstance(result, torch.Tensor):
                    ran[f"torch {result.device.type}"] += 1
                return result

        with Counting():  # type: ignore[no-untyped-call]
            self.bind(image, style, strength)()
        return dict(ran.most_common())
