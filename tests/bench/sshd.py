"""A real sshd on loopback, with keys made for one test and a small home of its own: it stands in for a board."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
PACKAGES = ("numpy", "onnxruntime", "ai_edge_litert", "protobuf", "google", "flatbuffers", "packaging", "backports")


@dataclass
class Board:
    """A running sshd and what its visitors find.

    Attributes:
        folder: everything of it.
        home: of whoever logs in.
        tools: the only folder of programs besides the system's.
        address: for `SshTarget`.
        config: for `ssh -F`: the key, and the known host.
    """

    folder: Path
    home: Path
    tools: Path
    address: str
    config: Path
    known_hosts: Path
    process: "subprocess.Popen[bytes]"

    @property
    def leftovers(self) -> list[str]:
        """What stays in edgestyle's folder on the device."""
        return sorted(path.name for path in (self.home / ".cache" / "edgestyle").glob("*"))

    def write_tool(self, name: str, script: str) -> None:
        """Put a shell script where programs are found."""
        (self.tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.tools / name).chmod(0o755)

    def sessions(self) -> list[int]:
        """Processes that serve a connection."""
        return children(self.process.pid)

    def cut(self) -> None:
        """Break all connections, as a cable that is pulled; sshd goes on."""
        for pid in self.sessions():
            for inner in [*children(pid), pid]:
                with suppress(ProcessLookupError):  # it just went by itself
                    os.kill(inner, signal.SIGKILL)

    def cut_after(self, seconds: float) -> None:
        """The same, later."""
        threading.Timer(seconds, self.cut).start()

    def stop(self) -> None:
        """End sshd and its connections."""
        self.cut()
        self.process.terminate()
        self.process.wait(10)


def children(pid: int) -> list[int]:
    """Direct children of a process that are sshd's too."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        if int(rest.split()[1]) == pid and name.startswith("sshd"):
            found.append(int(stat.parent.name))
    return found


def start_board(folder: Path, path: str = "/usr/bin:/bin") -> Board:
    """Start sshd on a free port. `python3` there has NumPy and the runtimes alone, and nothing of edgestyle."""
    home, tools = folder / "home", folder / "tools"
    for new in (home, tools):
        new.mkdir(parents=True)
    make_key(folder / "host_key")
    make_key(folder / "user_key")
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    port = free_port()
    write_server_config(folder, port, f"{tools}:{path}")
    user = pwd.getpwuid(os.getuid()).pw_name
    process = serve(folder)
    config, known = folder / "ssh_config", folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {(folder / 'host_key.pub').read_text()}")
    config.write_text(
        f"IdentityFile {folder / 'user_key'}\nIdentitiesOnly yes\nUserKnownHostsFile {known}\n"
        "GlobalKnownHostsFile none\n"
    )
    board = Board(folder, home, tools, f"ssh://{user}@127.0.0.1:{port}", config, known, process)
    board.write_tool("python3", python_with(make_site(folder / "site")))
    wait_for(port)
    return board


def python_with(site: Path) -> str:
    """A script that runs this Python without its own packages, with those of `site`."""
    return f'PYTHONPATH="$PYTHONPATH:{site}" exec {os.path.realpath(sys.executable)} -S "$@"'


def make_site(site: Path) -> Path:
    """A folder of links to NumPy and the runtimes, with what tells their versions."""
    site.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.name.split("-")[0].split(".")[0] in PACKAGES or path.name == "typing_extensions.py":
            (site / path.name).symlink_to(path)
    return site


def write_server_config(folder: Path, port: int, path: str) -> None:
    """sshd's configuration."""
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host_key'}\nPidFile none\n"
        "StrictModes no\nUsePAM no\n"
        f"PermitRootLogin yes\nAuthorizedKeysFile {folder / 'authorized_keys'}\nPasswordAuthentication no\n"
        f"KbdInteractiveAuthentication no\nSetEnv HOME={folder / 'home'} PATH={path} LC_ALL=C.UTF-8\n"
    )


def serve(folder: Path) -> "subprocess.Popen[bytes]":
    """sshd in the foreground; as root it wants an empty folder to lock itself into."""
    assert SSHD is not None
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "sshd_config"], stdout=log, stderr=log)


def make_key(path: Path) -> None:
    """A throw-away key pair."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Until sshd answers."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("sshd does not answer")
