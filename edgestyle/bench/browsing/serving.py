"""Serve a page, npm packages and files to a browser on this machine, as a site that is isolated from all others."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_ISOLATION = {  # what threads and a fine clock take: https://web.dev/articles/coop-coep
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class LocalSite(ThreadingHTTPServer):
    """A site on a free port of loopback. Only GET of files in its folders, and POST, which keeps what it gets.

    Args:
        folders: by the first part of their addresses; "" is the page's own.

    Attributes:
        received: bodies that were posted, by path.
    """

    daemon_threads = True

    def __init__(self, folders: dict[str, Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folders = folders
        self.received: dict[str, bytes] = {}

    @property
    def address(self) -> str:
        """Of the page."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(SimpleHTTPRequestHandler):
    server: LocalSite
    protocol_version = "HTTP/1.1"
    extensions_map: dict[str, str] = {  # noqa: RUF012  as the library declares it
        ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm",
        ".json": "application/json", "": "application/octet-stream",
    }  # fmt: skip

    def translate_path(self, path: str) -> str:
        """The file of an address; what leads out of the folders is left out by the library."""
        first, _, rest = path.lstrip("/").partition("/")
        folder = self.server.folders.get(first)
        self.directory = str(self.server.folders[""] if folder is None else folder)
        return super().translate_path(path if folder is None else f"/{rest}")

    def end_headers(self) -> None:
        """With isolation from other sites."""
        for name, value in _ISOLATION.items():
            self.send_header(name, value)
        super().end_headers()

    def do_POST(self) -> None:
        """Keep what is sent."""
        self.server.received[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library names it
        """Say nothing."""


@contextmanager
def serve(folders: dict[str, Path]) -> Iterator[LocalSite]:
    """A `LocalSite` that answers until the end of the block."""
    with LocalSite(folders) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        try:
            yield site
        finally:
            site.shutdown()
