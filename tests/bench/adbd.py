"""A stand-in for a phone's adbd over TCP, for the real `adb`: transport, `shell` with and without v2, `sync:`.

https://android.googlesource.com/platform/packages/modules/adb/+/refs/heads/main/protocol.txt
https://android.googlesource.com/platform/packages/modules/adb/+/refs/heads/main/SYNC.TXT
"""

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

_VERSION, _MOST = 0x01000001, 1 << 18
_BANNER = b"device::ro.product.name=standin;ro.product.model=Stand_In;ro.product.device=standin;features="
_TOKEN, _PUBLIC_KEY = 1, 3  # kinds of AUTH


@dataclass
class Fault:
    """Something that goes wrong when a command or a pushed file matches.

    Attributes:
        pattern: of the command, or of "push PATH".
        kind: "cut", "slow", "exit", "garbage" or "full".
        after: matches to let pass before.
        times: how often it then happens.
        seconds: a slow one sleeps so long; a cut one refuses connections so long.
    """

    pattern: str
    kind: str
    after: int = 0
    times: int = 1
    seconds: float = 0.3

    def strikes(self, what: str) -> bool:
        """Whether it happens now."""
        if not re.search(self.pattern, what):
            return False
        self.after -= 1
        if self.after >= 0 or self.times <= 0:
            return False
        self.times -= 1
        return True


@dataclass
class Adbd:
    """A server on a free port of loopback.

    Attributes:
        root: the folder that stands for the phone's `/`; commands run in a real shell with paths turned to it.
        environment: of these commands.
        faults: what goes wrong.
        trusts: whether it accepts this computer.
        features: "shell_v2", or nothing for a phone before Android 7.
    """

    root: Path
    environment: dict[str, str]
    faults: list[Fault] = field(default_factory=list)
    trusts: bool = True
    features: str = "shell_v2,cmd"
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._away_until = 0.0
        self._links: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def serial(self) -> str:
        """As `adb devices` lists it after `adb connect`."""
        return f"127.0.0.1:{self.port}"

    def cut(self, seconds: float) -> None:
        """Break all connections, and refuse new ones for a while."""
        self._away_until = time.monotonic() + seconds
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        self._links.clear()

    def come_back(self) -> None:
        """Take connections again."""
        self._away_until = 0.0

    def stop(self) -> None:
        """Be gone for good."""
        self._server.close()
        self.cut(1e9)

    def local(self, path: str) -> str:
        """A text with the phone's paths turned to those of `root`."""
        return re.sub(r"(?<![\w\]])/(data|sdcard|proc/meminfo|sys/devices)\b", rf"{self.root}/\1", path)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                link = self._server.accept()[0]
                if time.monotonic() < self._away_until:
                    link.close()
                    continue
                self._links.append(link)
                threading.Thread(target=Link(self, link).serve, daemon=True).start()

    def strike(self, what: str) -> Fault | None:
        """The fault that happens now; one that cuts has done so already."""
        fault = next((fault for fault in self.faults if fault.strikes(what)), None)
        if fault is not None and fault.kind == "cut":
            self.cut(fault.seconds)
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.seconds)
        return fault


class Link:
    """One computer's connection."""

    def __init__(self, adbd: Adbd, link: socket.socket) -> None:
        self.adbd, self._link = adbd, link
        self._streams: dict[int, Stream] = {}
        self._lock = threading.Lock()

    def serve(self) -> None:
        """Until the connection breaks."""
        with contextlib.suppress(OSError, EOFError):
            while True:
                command, first, second, size, *_ = struct.unpack("<4s5I", self._take(24))
                self._handle(command, first, second, self._take(size))
        for stream in list(self._streams.values()):
            stream.came.put(None)
            stream.acknowledged.put(False)

    def send(self, command: bytes, first: int, second: int, data: bytes = b"") -> None:
        """A message with its header."""
        number = int.from_bytes(command, "little")
        head = struct.pack("<4s5I", command, first, second, len(data), sum(data) & 0xFFFFFFFF, number ^ 0xFFFFFFFF)
        with self._lock:
            self._link.sendall(head + data)

    def forget(self, number: int) -> None:
        """A stream has ended."""
        self._streams.pop(number, None)

    def _handle(self, command: bytes, first: int, second: int, data: bytes) -> None:
        if command in (b"CNXN", b"AUTH") and not self.adbd.trusts:
            if first != _PUBLIC_KEY or command == b"CNXN":  # then its owner is asked, who says nothing
                self.send(b"AUTH", _TOKEN, 0, os.urandom(20))
        elif command == b"CNXN":
            self.send(b"CNXN", _VERSION, _MOST, _BANNER + self.adbd.features.encode())
        elif command == b"OPEN":
            stream = Stream(self, first, data.rstrip(b"\0").decode())
            self._streams[stream.number] = stream
            threading.Thread(target=stream.run, daemon=True).start()
        elif second in self._streams:
            stream = self._streams[second]
            if command == b"WRTE":
                stream.came.put(data)
                self.send(b"OKAY", stream.number, stream.peer)
            elif command == b"OKAY":
                stream.acknowledged.put(True)
            elif command == b"CLSE":
                stream.came.put(None)
                stream.acknowledged.put(False)

    def _take(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = self._link.recv(count - len(got))
            if not more:
                raise EOFError
            got += more
        return got


class Stream:
    """One service that the computer opened."""

    def __init__(self, link: Link, peer: int, service: str) -> None:
        self.link, self.peer, self.service, self.number = link, peer, service, peer + 1000
        self.came: SimpleQueue[bytes | None] = SimpleQueue()
        self.acknowledged: SimpleQueue[bool] = SimpleQueue()

    def run(self) -> None:
        """Serve, and close."""
        with contextlib.suppress(OSError, EOFError):
            self.link.send(b"OKAY", self.number, self.peer)
            if self.service.startswith("shell"):
                self._shell()
            elif self.service == "sync:":
                Sync(self).run()
            self.link.send(b"CLSE", self.number, self.peer)
        self.link.forget(self.number)

    def write(self, data: bytes) -> None:
        """In pieces that are acknowledged one by one."""
        for start in range(0, len(data), _MOST // 2):
            self.link.send(b"WRTE", self.number, self.peer, data[start : start + _MOST // 2])
            if not self.acknowledged.get():
                raise EOFError

    def _shell(self) -> None:
        head, _, command = self.service.partition(":")
        adbd, second = self.link.adbd, "v2" in head
        adbd.commands.append(command)
        fault = adbd.strike(command)
        kind = fault.kind if fault else ""
        if kind == "cut":
            raise EOFError
        code = {"exit": 3, "garbage": 0}.get(kind)
        said = (
            os.urandom(200) + b"\n\x1b[31m" if kind == "garbage" else b"Segmentation fault\n" if kind == "exit" else b""
        )
        wrap = (lambda data: _packet(1, data)) if second else bytes
        if code is None:
            code = self._run(adbd, command, wrap)
        elif said:
            self.write(wrap(said))
        if second:
            self.write(_packet(3, bytes([code & 255])))

    def _run(self, adbd: Adbd, command: str, wrap: Callable[[bytes], bytes]) -> int:
        """Run a command and pass on what it says as it says it; it ends with the connection."""
        with subprocess.Popen(
            ["sh", "-c", adbd.local(command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=adbd.environment, cwd=adbd.root, start_new_session=True,
        ) as process:  # fmt: skip
            try:
                while said := os.read(process.stdout.fileno(), 1 << 16):  # type: ignore[union-attr]  it is a pipe
                    self.write(wrap(said))
            except (OSError, EOFError):
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return process.returncode


class Sync:
    """`sync:`: STAT, SEND and QUIT are what a push needs; RECV is for a pull."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self._adbd, self._left = stream, stream.link.adbd, b""

    def run(self) -> None:
        """Until it quits."""
        while True:
            verb, size = struct.unpack("<4sI", self._take(8))
            if verb == b"QUIT":
                return
            path = self._take(size).decode()
            {b"STAT": self._stat, b"SEND": self._send, b"RECV": self._receive}[verb](path)

    def _stat(self, path: str) -> None:
        mode = size = when = 0
        with contextlib.suppress(OSError):
            found = Path(self._adbd.local(path)).stat()
            mode, size, when = found.st_mode, found.st_size, int(found.st_mtime)
        self._stream.write(struct.pack("<4sIII", b"STAT", mode, size, when))

    def _send(self, asked: str) -> None:
        path = asked.rpartition(",")[0]
        fault = self._adbd.strike(f"push {path}")
        if fault is not None and fault.kind == "cut":
            raise EOFError
        whole = b"".join(self._pieces())
        if fault is not None and fault.kind in ("full", "exit"):
            Path(self._adbd.local(path)).write_bytes(whole[: len(whole) // 2])
            self._fail("No space left on device" if fault.kind == "full" else "Permission denied")
            return
        if fault is not None and fault.kind == "garbage":
            whole = os.urandom(len(whole))
        Path(self._adbd.local(path)).parent.mkdir(parents=True, exist_ok=True)
        Path(self._adbd.local(path)).write_bytes(whole)
        self._stream.write(struct.pack("<4sI", b"OKAY", 0))

    def _pieces(self) -> Iterator[bytes]:
        while True:
            verb, size = struct.unpack("<4sI", self._take(8))
            if verb == b"DONE":
                return
            yield self._take(size)

    def _receive(self, path: str) -> None:
        data = Path(self._adbd.local(path)).read_bytes()
        for start in range(0, len(data), 65536):
            piece = data[start : start + 65536]
            self._stream.write(struct.pack("<4sI", b"DATA", len(piece)) + piece)
        self._stream.write(struct.pack("<4sI", b"DONE", 0))

    def _fail(self, why: str) -> None:
        self._stream.write(struct.pack("<4sI", b"FAIL", len(why)) + why.encode())

    def _take(self, count: int) -> bytes:
        while len(self._left) < count:
            came = self._stream.came.get()
            if came is None:
                raise EOFError
            self._left += came
        taken, self._left = self._left[:count], self._left[count:]
        return taken


def _packet(kind: int, data: bytes) -> bytes:
    return struct.pack("<BI", kind, len(data)) + data
