"""The page on which a recording is replayed: given masked events, it shows a moment and takes its picture.

The replaying itself is rrweb's, in `player/page.js`; here is what crosses from Python into the browser, and nothing
but masked events ever does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from user_intel.errors import PlayerError
from user_intel.watch.browser import Browser
from user_intel.watch.events import Event, Json, JsonValue
from user_intel.watch.hand import Point, Press

if TYPE_CHECKING:
    import playwright.sync_api as playwright

    from user_intel.settings import Settings

_OWN: Final = Path(__file__).parent / "player"
_RRWEB: Final = Path("node_modules/rrweb/dist/rrweb.umd.min.cjs")
_JPEG_QUALITY: Final = 80
# A frame takes some hundredths of a second; a huge page may take seconds to be built.
_FRAME_S: Final = 120.0
_LARGEST_BATCH: Final = 8_000_000
_SHOW: Final = "([batch, moment]) => { player.apply(JSON.parse(batch)); return player.show(JSON.parse(moment)); }"


@dataclass(frozen=True)
class Moment:
    """What one frame shows besides the page itself. Two equal moments without events between them look the same."""

    tab: int
    pointer: Point | None
    touches: bool
    presses: tuple[Press, ...]
    caption: str
    clock: str
    step: str
    doing: str
    speed: str


def rrweb_path(settings: Settings) -> Path:
    """rrweb's player. Raises PlayerError that says how to get it where it is missing."""
    path = (settings.player or _OWN) / _RRWEB
    if not path.is_file():
        raise PlayerError(
            f"rrweb's player, which replays recordings, is not at {path}. deploy/watch-player.sh puts it there "
            "(npm ci); without a checkout, run `npm ci` in a copy of user_intel/watch/player and set USER_INTEL_PLAYER."
        )
    return path


class Screen:
    """One recording on one page of the browser. Made by `open_screen`."""

    def __init__(self, browser: Browser, page: playwright.Page) -> None:
        self.page: Final = page
        self._browser = browser
        self._session = page.context.new_cdp_session(page)

    def show(self, events: Iterable[Event], moment: Moment, at_ms: int) -> bool:
        """Replays masked events, in order of time, and shows a moment after them.

        Whether it will look different later even if nothing happens, because something on the page moves.
        """
        batches = list(_batches(events))
        told = {**_told(moment), "at": at_ms, "changed": bool(batches)}
        last = batches.pop() if batches else "[]"
        with self._browser.at_most(_FRAME_S):
            for batch in batches:
                self.page.evaluate("batch => player.apply(JSON.parse(batch))", batch)
            return bool(self.page.evaluate(_SHOW, [last, json.dumps(told)]))

    def picture(self) -> bytes:
        """What is shown now, as a JPEG."""
        wanted: dict[str, JsonValue] = {"format": "jpeg", "quality": _JPEG_QUALITY, "optimizeForSpeed": True}
        with self._browser.at_most(_FRAME_S):
            return base64.b64decode(self._session.send("Page.captureScreenshot", wanted)["data"])

    def failed(self) -> int:
        """How many events so far contradicted what was there, so that they could not be drawn."""
        with self._browser.at_most(_FRAME_S):
            return int(self.page.evaluate("() => player.counts.failed"))


@contextmanager
def open_screen(browser: Browser, settings: Settings, width: int, height: int) -> Iterator[Screen]:
    """A page of this size, its footer included, ready for the events of one recording."""
    from playwright.sync_api import Error

    rrweb = rrweb_path(settings).read_text(encoding="utf-8")
    with browser.at_most(_FRAME_S):
        context = browser.handle.new_context(
            viewport={"width": width, "height": height}, offline=True, service_workers="block", accept_downloads=False
        )
        page = context.new_page()
    try:
        with browser.at_most(_FRAME_S):
            page.set_content((_OWN / "page.html").read_text(encoding="utf-8"))
            page.evaluate(f"{rrweb}\n;window.rrweb = globalThis.rrweb; undefined")
            page.evaluate(f"window.player = {(_OWN / 'page.js').read_text(encoding='utf-8')}; undefined")
        yield Screen(browser, page)
    finally:
        with suppress(Error):
            context.close()


def _batches(events: Iterable[Event]) -> Iterator[str]:
    """The events as JSON, in texts that are not too long for one message to the browser."""
    batch: list[str] = []
    length = 0
    for event in events:
        told: Json = {"type": event.kind, "data": event.data, "timestamp": event.at_ms}
        batch.append(json.dumps([event.window, told]))
        length += len(batch[-1])
        if length > _LARGEST_BATCH:
            yield f"[{','.join(batch)}]"
            batch, length = [], 0
    if batch:
        yield f"[{','.join(batch)}]"


def _told(moment: Moment) -> Json:
    pointer = moment.pointer
    presses: list[JsonValue] = [{**_place(press.point), "count": press.count} for press in moment.presses]
    told: Json = {name: value for name, value in asdict(moment).items() if isinstance(value, str | int)}
    return {
        **told,
        "pointer": {**_place(pointer), "touch": moment.touches} if pointer is not None else None,
        "presses": presses,
    }


def _place(point: Point) -> Json:
    return {"x": point.x, "y": point.y, "id": point.node_id}
