"""A page in headless Chromium, driven by Playwright, that measures."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

from edgestyle.bench.counters import peak_rss_bytes
from edgestyle.bench.measuring import Plan, Timed, WarmUp, overhead_fraction
from edgestyle.bench.targets.tools import printable
from edgestyle.errors import ArtifactError, TargetError

PAGE = Path(__file__).parent / "page"
_FLAGS = ("--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")  # beside Playwright's own
_GRAPHICS = {  # by backend
    "wasm": ("--disable-gpu",),
    "webgpu": ("--enable-unsafe-webgpu", "--enable-features=Vulkan"),
    "webgpu-software": ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"),
}
BACKENDS = tuple(_GRAPHICS)
_STARTUP_MS = 60_000
_CRASHED = "the page crashed, as it does when memory runs out"
_ASSERTED = re.compile(r"\S+\.(?:cc|h):\d+ (?:.* was false\. )?")  # where in ONNX Runtime's source, and its condition
_PLACED = re.compile(r"placed on \[(\w+)\]\. Number of nodes: (\d+)")


class BenchPage:
    """The page, opened. What goes wrong in it is one line.

    Args:
        browser: that it is in.
        page: at the address where `PAGE` is served.
    """

    def __init__(self, browser: Browser, page: Page) -> None:
        self._browser, self._page = browser, page

    def describe(self) -> dict[str, Any]:
        """What the browser says of itself: see `describe` in `bench.mjs`."""
        return dict(self._call("describe"))

    def open(self, request: dict[str, Any]) -> dict[str, Any]:
        """Open a file and run it once; gives `index`, `load_ms` and `first_run_ms`.

        Args:
            request: see `open` in `bench.mjs`.

        Raises:
            ArtifactError: the runtime refuses the file.
        """
        return dict(self._call("open", request))

    def measure(self, indices: list[int], plan: Plan) -> list[Timed]:
        """The steady state of opened files, as `measure_call` or, for several, `measure_in_turns` find it."""
        turns = len(indices) > 1
        rounds = max(plan.alternations, -(-plan.min_runs // plan.turn_runs)) if turns else plan.min_runs
        asked = {
            **asdict(plan),
            "rounds": rounds,
            "runs": plan.turn_runs if turns else 1,
            "seconds": plan.steady_seconds * len(indices),
        }
        found = self._call("measure", indices, asked)
        all_spans = [[(round(a * 1e6), round(b * 1e6)) for a, b in one["spans"]] for one in found]
        outside = overhead_fraction([span for spans in all_spans for span in spans])
        begin = min(spans[0][0] for spans in all_spans)
        return [
            Timed(
                [(b - a) / 1e6 for a, b in spans], [(a - begin) / 1e9 for a, _ in spans],
                WarmUp(**one["warm_up"]), outside,
            )
            for one, spans in zip(found, all_spans, strict=True)
        ]  # fmt: skip

    def place(self, request: dict[str, Any]) -> dict[str, int]:
        """Operators of a `.onnx` file by ONNX Runtime's name of what runs them, from its log in a page of its own.

        Args:
            request: as for `open`.

        Raises:
            ArtifactError: that page fails.
        """
        page, lines = self._browser.new_page(), list[str]()
        page.on("console", lambda message: lines.append(message.text))
        try:
            _load(page, self._page.url)
            BenchPage(self._browser, page)._call("tell", request)
        except Error as error:
            raise ArtifactError(_in_a_line(error)) from error
        finally:
            page.close()
        return {name: int(count) for name, count in _PLACED.findall("\n".join(lines))}

    def peak_rss_bytes(self) -> int | None:
        """Highest memory of the page's process, without Chromium's other processes; None where Linux does not tell."""
        session = self._browser.new_browser_cdp_session()
        found = session.send("SystemInfo.getProcessInfo")["processInfo"]
        statuses = [Path(f"/proc/{one['id']}/status") for one in found if one["type"] == "renderer"]
        return max((peak_rss_bytes(path) or 0 for path in statuses if path.is_file()), default=None)

    def send(self, index: int, url: str) -> None:
        """Draw once more and post the output to an address."""
        self._call("send", index, url)

    def _call(self, name: str, *arguments: object) -> Any:
        try:
            return self._page.evaluate(f"(arguments) => bench.{name}(...arguments)", list(arguments))
        except Error as error:
            raise ArtifactError(_in_a_line(error)) from error


@contextmanager
def open_page(chromium: Path, address: str, backend: str) -> Iterator[BenchPage]:
    """A page of a new Chromium with a new profile, which ends with the block.

    Raises:
        TargetError: it does not start, or does not load the page.
    """
    sandbox = not hasattr(os, "geteuid") or os.geteuid() != 0  # Chromium has none for root
    with sync_playwright() as tools:
        try:
            browser = tools.chromium.launch(
                executable_path=chromium, chromium_sandbox=sandbox, args=[*_FLAGS, *_GRAPHICS[backend]],
                timeout=_STARTUP_MS,
            )  # fmt: skip
            page = browser.new_page()
            _load(page, address)
        except Error as error:
            raise TargetError(f"{chromium} does not start: {_last_words(error)}") from error
        try:
            yield BenchPage(browser, page)
        finally:
            browser.close()


def _last_words(error: Error) -> str:
    """What Chromium said before it ended, or else what Playwright says."""
    fatal = re.search(r":FATAL:[^\]]*\] (.+)", error.message)
    if fatal is not None:
        return fatal[1]
    if "crashed" in error.message:
        return _CRASHED
    return "it ended at once" if "has been closed" in error.message else error.message.splitlines()[0]


def _load(page: Page, address: str) -> None:
    page.goto(address, timeout=_STARTUP_MS)
    page.wait_for_function("window.bench", timeout=_STARTUP_MS)


def _in_a_line(error: Error) -> str:
    """What the page threw, without Playwright's words around it."""
    text = error.message.removeprefix("Page.evaluate: ").removeprefix("Error: ").rpartition("ERROR_MESSAGE: ")[2]
    if "crashed" in text or "has been closed" in text:
        return _CRASHED
    return printable(_ASSERTED.sub("", (text.strip().splitlines() or ["the page fails"])[0]))
