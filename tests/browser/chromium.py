"""How does a test look at a page as a browser shows it? Chromium without a window, over its DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

START_S = 60.0
ANSWER_S = 60.0
PHONE, DESK = 390, 1280
HEIGHT = 900
A4_INCHES = (8.27, 11.69)
LETTER_INCHES = (8.5, 11.0)

_OPTIONS = [
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-port=0",
]


class BrowserError(Exception):
    """Chromium did not do what it was asked to."""


@dataclass(slots=True)
class Page:
    """One tab. requests: every address that it asked for."""

    connection: ClientConnection
    session: str = ""
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _loaded: set[str] = field(default_factory=set)
    _number: int = 0

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command, and its answer; what happens meanwhile is noted."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.connection.send(json.dumps(message))
        while True:
            told = self._hear()
            if told.get("id") == self._number:
                if "error" in told:
                    raise BrowserError(f"{method}: {told['error']}")
                result: dict[str, Any] = told["result"]
                return result

    def open(self, file: Path, *, width: int = DESK, dark: bool = False) -> None:
        """The page in this file, loaded whole, at this width and in this theme."""
        self.requests.clear()
        self.said.clear()
        self.theme(dark=dark)
        self.resize(width)
        loader = self.ask("Page.navigate", url=file.resolve().as_uri())["loaderId"]
        while loader not in self._loaded:
            self._hear()

    def theme(self, *, dark: bool, media: str = "") -> None:
        """For a dark or a light screen; media: "print" for paper."""
        wanted = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[wanted])

    def resize(self, width: int, height: int = HEIGHT, scale: float = 1.0) -> None:
        """As wide as this many CSS pixels."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def run(self, expression: str) -> Any:
        """What this JavaScript gives; the page's own policy does not hold for it."""
        told = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise BrowserError(str(told["exceptionDetails"]))
        return told["result"].get("value")

    def picture(self, *, whole: bool = True) -> bytes:
        """What is seen, as PNG."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def printed(self, inches: tuple[float, float] = A4_INCHES) -> bytes:
        """The page on paper, as PDF. Margins are the page's own."""
        told = self.ask("Page.printToPDF", paperWidth=inches[0], paperHeight=inches[1], printBackground=False)
        return base64.b64decode(told["data"])

    def _hear(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.connection.recv(timeout=ANSWER_S))
        if told.get("method") == "Network.requestWillBeSent":
            self.requests.append(told["params"]["request"]["url"])
        if told.get("method") == "Page.lifecycleEvent" and told["params"]["name"] == "load":
            self._loaded.add(told["params"]["loaderId"])
        if told.get("method") == "Log.entryAdded":
            self.said.append(told["params"]["entry"]["text"])
        return told


@contextlib.contextmanager
def browser() -> Iterator[Page]:
    """A Chromium of its own, with one tab; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="emrnetcheck-chromium-", ignore_cleanup_errors=True) as folder:
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        with subprocess.Popen(
            ["chromium", *_OPTIONS, *as_root, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                with connect(_address(Path(folder), process), max_size=None, proxy=None) as connection:
                    yield _tab(connection)
            finally:
                process.terminate()


def _tab(connection: ClientConnection) -> Page:
    page = Page(connection)
    target = page.ask("Target.createTarget", url="about:blank")["targetId"]
    page.session = page.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Network", "Log", "Runtime"):
        page.ask(f"{domain}.enable")
    page.ask("Page.setLifecycleEventsEnabled", enabled=True)
    return page


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Where it listens: it writes that into its folder when it is ready."""
    told = folder / "DevToolsActivePort"
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise BrowserError(f"chromium ended at once, with status {process.returncode}")
        lines = told.read_text(encoding="ascii").split() if told.is_file() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise BrowserError("chromium did not get ready in time")
