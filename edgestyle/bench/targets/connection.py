"""One connection to a device through the system's own `ssh`: its keys, its known hosts, its configuration."""

import os
import re
import shlex
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from edgestyle.errors import TargetError

_OPTIONS = {
    "BatchMode": "yes",  # it never waits for somebody to type
    "StrictHostKeyChecking": "yes",  # neither an unknown host key nor a changed one
    "ConnectTimeout": "10",
    "ServerAliveInterval": "5",  # a connection that says nothing for 15 seconds is lost
    "ServerAliveCountMax": "3",
    "ControlPersist": "no",  # else ssh goes into the background, where nobody would end it
    "RemoteCommand": "none",
}
_ADDRESS = re.compile(
    r"ssh://(?:(?P<user>[A-Za-z0-9_.][\w.+-]*)@)?"
    r"(?:(?P<host>[A-Za-z0-9_.][A-Za-z0-9_.-]*)|\[(?P<ipv6>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\])(?::(?P<port>\d{1,5}))?/?",
    re.ASCII,
)
_CONNECT_SECONDS = 30
_FAILED = 255  # exit code that ssh keeps for itself
_REASONS = (
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", "the host key of {host} is not the one that is known: somebody may be "
     "in between. If the device was set up anew: ssh-keygen -R '{key}', then connect once with ssh"),
    ("Host key verification failed", "the host key of {host} is not known yet: connect once with ssh, compare its "
     "fingerprint with the device's, and say yes"),
    ("Permission denied", "{host} refuses the key of {user}: ssh-copy-id brings yours there; one with a passphrase "
     "has to be in ssh-agent (ssh-add)"),
    ("Could not resolve hostname", "there is no host called {host}"),
    ("Connection refused", "{host} does not answer at port {port}: is sshd running there?"),
    ("No route to host", "there is no way to {host}: is it on, and in this network?"),
    ("timed out", "{host} does not answer: is it on, and in this network?"),
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """Whom to connect to; `user` and `port` are None where ssh's configuration is to say."""

    host: str
    user: str | None = None
    port: int | None = None


def parse_address(text: str) -> Address:
    """Read `ssh://user@host:port`; names of hosts keep their capitals. Raises TargetError for anything else."""
    found = _ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found["port"] or 22) < 65536:
        raise TargetError(f"'{text}' is no address: write ssh://user@host or ssh://user@host:22")
    host = found["host"] or found["ipv6"].replace("%25", "%")  # a zone as in an URL (RFC 6874)
    return Address(host, found["user"], int(found["port"]) if found["port"] else None)


class Connection:
    """An open connection. Commands share it, so that one does not log in again and again.

    Args:
        address: whom to connect to.
        config: a file for ssh's `-F` in place of the user's own configuration.

    Raises:
        TargetError: the host cannot be reached, its key is not the known one, or it refuses ours; or there is no ssh.
    """

    def __init__(self, address: Address, config: Path | None = None) -> None:
        if os.name == "nt":
            raise TargetError("Windows' own ssh cannot share a connection: measure from Linux, macOS or WSL")
        self.address, self._config = address, config
        self._folder = tempfile.TemporaryDirectory(prefix="edgestyle-")
        self._socket, self._said = Path(self._folder.name) / "s", Path(self._folder.name) / "said"
        try:
            with self._said.open("wb") as said:  # `cat` ends with its input: also when this process is killed
                self._master = subprocess.Popen(
                    [*self._ssh("-M"), "cat"], stdin=subprocess.PIPE, stdout=said, stderr=said, start_new_session=True
                )
        except OSError as error:
            self._folder.cleanup()
            raise TargetError(f"ssh cannot be started ({error.strerror}): install OpenSSH's client") from error
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def command(self, arguments: list[str]) -> list[str]:
        """The local command that runs `arguments` on the device."""
        return [*self._ssh("-o", "ControlMaster=no"), shlex.join(arguments)]

    def run(
        self, arguments: list[str], given: bytes = b"", timeout_s: float = 120
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command on the device and wait for it.

        Raises:
            TargetError: the connection was lost, or the command takes longer than `timeout_s`.
        """
        try:
            done = subprocess.run(
                self.command(arguments), input=given, capture_output=True, timeout=timeout_s, start_new_session=True,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise TargetError(f"{self.address.host} took longer than {timeout_s:.0f} s") from error
        if done.returncode == _FAILED:
            raise self.lost(done.stderr.decode(errors="replace"))
        return done

    def is_alive(self) -> bool:
        """Whether commands still go through."""
        return self._master.poll() is None

    def is_lost(self, exit_code: int) -> bool:
        """Whether a `command` ended because ssh did, not what it ran."""
        return exit_code == _FAILED or not self.is_alive()

    def lost(self, said: str = "") -> TargetError:
        """The error for a connection that broke, from what ssh said of it."""
        return TargetError(self._explain(said + self._words(), "the connection to {host} was lost"))

    def close(self) -> None:
        """End the connection, and what still runs through it."""
        self._master.terminate()
        try:
            self._master.wait(5)
        except subprocess.TimeoutExpired:
            self._master.kill()
            self._master.wait()
        if self._master.stdin is not None:
            self._master.stdin.close()
        self._folder.cleanup()

    def _wait(self) -> None:
        end = time.monotonic() + _CONNECT_SECONDS
        while not self._socket.exists():
            if self._master.poll() is not None:
                raise TargetError(self._explain(self._words(), "ssh cannot connect to {host}: {last}"))
            if time.monotonic() > end:
                raise TargetError(self._explain("timed out", ""))
            time.sleep(0.02)

    def _ssh(self, *more: str) -> list[str]:
        options = [part for name, value in _OPTIONS.items() for part in ("-o", f"{name}={value}")]
        where = ["-S", str(self._socket), *(["-F", str(self._config)] if self._config else [])]
        where += ["-l", self.address.user] if self.address.user else []
        where += ["-p", str(self.address.port)] if self.address.port else []
        return ["ssh", "-T", *options, *where, *more, "--", self.address.host]

    def _words(self) -> str:
        return self._said.read_text(errors="replace") if self._said.exists() else ""

    def _explain(self, said: str, otherwise: str) -> str:
        """One line for what ssh said in many."""
        address, port = self.address, self.address.port or 22
        lines = [line for line in said.splitlines() if line.strip()] or ["it says nothing"]
        reason = next((text for mark, text in _REASONS if mark in said), otherwise)
        key = address.host if port == 22 else f"[{address.host}]:{port}"
        return reason.format(host=address.host, port=port, key=key, user=address.user or "you", last=lines[-1].strip())
