"""Runs networks for the Kotlin tests: requests on standard input, answers on standard output, big-endian."""

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from edgestyle.runtime.foreign import ForeignNetwork


class Stream:
    """Java's `DataInputStream` and `DataOutputStream` over the standard streams."""

    def __init__(self) -> None:
        self._source, self._sink = sys.stdin.buffer, sys.stdout.buffer

    def text(self) -> str | None:
        """A string; None at the end."""
        head = self._source.read(2)
        return self._source.read(struct.unpack(">H", head)[0]).decode() if head else None

    def number(self) -> int:
        return int(struct.unpack(">i", self._source.read(4))[0])

    def real(self) -> float:
        return float(struct.unpack(">f", self._source.read(4))[0])

    def bytes(self, count: int) -> bytes:
        return self._source.read(count)

    def floats(self) -> Any:
        return np.frombuffer(self._source.read(4 * self.number()), ">f4").astype(np.float32)

    def put_number(self, value: int) -> None:
        self._sink.write(struct.pack(">i", value))

    def put_floats(self, values: Any) -> None:
        self.put_number(values.size)
        self._sink.write(np.ascontiguousarray(values, ">f4").tobytes())

    def flush(self) -> None:
        self._sink.flush()


def main() -> None:
    """Answer until the other side closes the stream."""
    stream, networks = Stream(), list[Any]()
    while (request := stream.text()) is not None:
        if request == "onnx":
            networks.append(onnxruntime.InferenceSession(stream.text(), providers=["CPUExecutionProvider"]))
        elif request == "tflite":
            networks.append(ForeignNetwork(Path(stream.text() or ""), 1))
        elif request == "run":
            _run(stream, networks[stream.number()])
        else:
            _look(stream, networks[stream.number()])


def _run(stream: Stream, session: Any) -> None:
    feeds = {}
    for _ in range(stream.number()):
        name = stream.text()
        shape = [stream.number() for _ in range(stream.number())]
        feeds[name] = stream.floats().reshape(shape)
    (output,) = session.run(None, feeds)
    stream.put_number(output.ndim)
    for side in output.shape:
        stream.put_number(side)
    stream.put_floats(output)
    stream.flush()


def _look(stream: Stream, network: ForeignNetwork) -> None:
    side = stream.number()
    picture = np.frombuffer(stream.bytes(3 * side * side), np.uint8).reshape(side, side, 3)
    outputs = network.run(picture, (stream.real(), stream.real()))
    stream.put_number(len(outputs))
    for output in outputs.values():
        stream.put_floats(output)
    stream.flush()


if __name__ == "__main__":
    main()
