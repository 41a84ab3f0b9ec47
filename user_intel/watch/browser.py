"""Chromium without a network, for drawing recordings: found, started, watched over, and gone with this process.

The network is closed three times: a recording's masked events name nothing to fetch, the page forbids fetching, and
here every connection, also to this very machine, goes to a proxy that is not there. Scripts of a recording cannot run:
rrweb shows it in a sandboxed frame. Chromium gets no variable of our environment, so no key either.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from user_intel.errors import PlayerError

if TYPE_CHECKING:
    import playwright.sync_api as playwright

    from user_intel.settings import Settings

_LOG = logging.getLogger(__name__)

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_HOW_TO_GET_CHROMIUM: Final = "`apt-get install chromium` gives one, or set USER_INTEL_CHROMIUM to its path."
# Nobody listens on port 1; <-loopback> sends even this machine's own addresses there.
_NO_PROXY_THERE: Final = "http://127.0.0.1:1"
_ARGUMENTS: Final = (
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--dns-prefetch-disable",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--mute-audio",
    "--no-pings",
)
# Its profile is a temporary folder of Playwright's, which goes with it; below a file it can make no other.
_NO_HOME: Final = "/dev/null"
_START_S: Final = 60.0
_WATCH_EVERY_S: Final = 1.0


def chromium_path(settings: Settings) -> Path:
    """The Chromium to use. Raises PlayerError that says how to get one where there is none."""
    if settings.chromium is not None:
        if not os.access(settings.chromium, os.X_OK):
            raise PlayerError(f"USER_INTEL_CHROMIUM names {settings.chromium}, which is no program that can be run.")
        return settings.chromium
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise PlayerError(f"Chromium, which draws recordings, is not installed. {_HOW_TO_GET_CHROMIUM}")
    return Path(found)


class Browser:
    """A Chromium, good for many videos one after the other: one that died is started again. Made by `open_browser`."""

    def __init__(self, start: Callable[[], playwright.Browser]) -> None:
        self._start: Final = start
        self._handle = start()
        self._pid = _process_id(self._handle)
        self._deadline: float | None = None

    @property
    def handle(self) -> playwright.Browser:
        """The running browser; a new one where the last was killed or crashed."""
        if not self._handle.is_connected():
            _LOG.warning("Chromium died and is started again")
            self._handle = self._start()
            self._pid = _process_id(self._handle)
        return self._handle

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Gives what is done inside so many seconds; then Chromium is killed, and PlayerError raised."""
        from playwright.sync_api import Error

        deadline = self._deadline = time.monotonic() + seconds
        try:
            yield
        except Error as error:
            late = time.monotonic() >= deadline
            words = f"it took longer than {seconds:.0f} s" if late else _first_line(str(error))
            raise PlayerError(f"Chromium failed while drawing: {words}.") from None
        finally:
            self._deadline = None

    def watch_over(self, ended: threading.Event) -> None:
        """Kills Chromium whenever a deadline has passed: its answers have no time limit of their own."""
        while not ended.wait(_WATCH_EVERY_S):
            if self._deadline is not None and time.monotonic() >= self._deadline:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        from playwright.sync_api import Error

        with suppress(Error):
            self._handle.close()


@contextmanager
def open_browser(settings: Settings) -> Iterator[Browser]:
    """Starts Chromium, and stops it. Should this process be killed, Chromium ends by itself: its pipe closes.

    While it is open this thread has an event loop running, so that `asyncio.run` cannot be called in it. Raises
    PlayerError when Chromium is not there or does not start.
    """
    path = chromium_path(settings)
    from playwright.sync_api import Error, sync_playwright

    def start() -> playwright.Browser:
        try:
            return _launched(driver, path)
        except Error as error:
            raise PlayerError(f"{path} does not start: {_first_line(str(error))}. {_HOW_TO_GET_CHROMIUM}") from None

    with sync_playwright() as driver:
        browser, ended = Browser(start), threading.Event()
        watcher = threading.Thread(target=browser.watch_over, args=(ended,), daemon=True)
        watcher.start()
        try:
            yield browser
        finally:
            ended.set()
            watcher.join()
            browser.close()


def _launched(driver: playwright.Playwright, path: Path) -> playwright.Browser:
    return driver.chromium.launch(
        executable_path=path,
        args=list(_ARGUMENTS),
        proxy={"server": _NO_PROXY_THERE, "bypass": "<-loopback>"},
        env={"PATH": os.defpath, "HOME": _NO_HOME},
        # Chromium refuses its sandbox to root, and containers rarely allow it. No script of a recording can run here.
        chromium_sandbox=False,
        timeout=_START_S * 1000,
        handle_sigint=False,
        handle_sigterm=False,
        handle_sighup=False,
    )


def _process_id(handle: playwright.Browser) -> int:
    session = handle.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return next(int(process["id"]) for process in processes if process["type"] == "browser")


def _first_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else "no reason given"
