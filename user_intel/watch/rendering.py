"""A recording into a video: events masked, replayed in the browser moment by moment, photographed, encoded.

Which moments are shown is decided by the clock alone (`clock.py`), so the same recording always gives the same frames,
however busy the machine is. A frame that cannot differ from the one before is not photographed again.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from user_intel.errors import RecordingError
from user_intel.product import Masking, Product, Watch
from user_intel.settings import Settings
from user_intel.watch.browser import Browser, open_browser
from user_intel.watch.clock import Clock, Stretch, clock_of
from user_intel.watch.encoder import Encoder, ffmpeg_path
from user_intel.watch.events import Event, Kind, text_of
from user_intel.watch.hand import Hand
from user_intel.watch.masking import Masker
from user_intel.watch.page_steps import PageSteps
from user_intel.watch.recording import Recording
from user_intel.watch.screen import Moment, Screen, open_screen, rrweb_path

_LOG = logging.getLogger(__name__)

# A recording of one moment, such as a single snapshot, is shown for so long.
_STILL_S: Final = 1.0
_ROUNDING_S: Final = 1e-6
_EARLIER: Final = frozenset({int(Kind.META), int(Kind.CUSTOM)})

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Shot:
    """What of a session a video shows, how fast, and at how many frames a second of the video."""

    shown: Stretch
    speed: float
    fps: int


@dataclass(frozen=True)
class Clip:
    """A rendered video. `clock` converts between its seconds and those of the session."""

    path: Path
    clock: Clock
    frames: int
    # Frames that were photographed; the others look like the one before.
    pictures: int
    # Events that contradicted the page as it was recorded, and were passed over.
    undrawn: int
    fps: int
    speed: float
    size_bytes: int
    render_s: float

    @property
    def times_faster(self) -> float:
        """How many seconds of the session, skipped ones not counted, were rendered in a second."""
        return self.clock.shown_s / self.render_s


def overview(recording: Recording, watch: Watch) -> Shot:
    """The whole session, fast."""
    return Shot(Stretch(0.0, max(recording.duration_s, _STILL_S)), watch.overview_speed, watch.overview_fps)


def around(recording: Recording, at_s: float, watch: Watch) -> Shot:
    """A moment in real time, with what came before and after. Raises RecordingError when it is not in the session."""
    if not 0 <= at_s <= recording.duration_s:
        raise RecordingError(
            f"second {at_s:g} is not in the recording, which has seconds 0 to {recording.duration_s:g}."
        )
    ends_s = max(recording.duration_s, _STILL_S)
    shown = Stretch(max(0.0, at_s - watch.clip_margin_s), min(ends_s, at_s + watch.clip_margin_s))
    return Shot(shown, 1.0, watch.clip_fps)


@dataclass(frozen=True)
class Renderer:
    """Renders recordings, one after the other, in one browser. Made by `open_renderer`."""

    browser: Browser
    settings: Settings
    product: Product
    steps: PageSteps

    def render(
        self, recording: Recording, shot: Shot, out: Path, *, mask: Masking | None = None,
        progress: Progress | None = None,
    ) -> Clip:  # fmt: skip
        """Writes a video of the recording to `out` (mp4, H.264), whole or not at all.

        `mask` is used in place of the product's. `progress` is told after each frame how many there are of how many.
        Raises RecordingError when nothing of the shot can be drawn, PlayerError when Chromium or ffmpeg fails.
        """
        started = time.monotonic()
        watch = self.product.watch
        clock = clock_of(shot.shown, recording.idle, speed=shot.speed, caption_s=watch.caption_s)
        with ExitStack() as stack:
            screen = stack.enter_context(open_screen(self.browser, self.settings, watch.width, watch.height))
            encoder = stack.enter_context(Encoder(ffmpeg_path(self.settings), out, shot.fps))
            film = Film(recording, clock, shot, screen, Masker(mask or watch.mask), self.steps)
            for number, picture in enumerate(film.pictures(), start=1):
                encoder.write(picture)
                if progress is not None:
                    progress(number, film.frames)
            undrawn, size = screen.failed(), encoder.finish()
        took = time.monotonic() - started
        clip = Clip(out, clock, film.frames, film.photographed, undrawn, shot.fps, shot.speed, size, took)
        _LOG.info("rendered %d frames in %.1f s, %.0f times faster", clip.frames, took, clip.times_faster)
        return clip


@contextmanager
def open_renderer(settings: Settings, product: Product) -> Iterator[Renderer]:
    """Starts the browser that renders. Raises PlayerError when Chromium, ffmpeg or rrweb's player is not there."""
    ffmpeg_path(settings)
    rrweb_path(settings)
    with open_browser(settings) as browser, PageSteps(product) as steps:
        yield Renderer(browser, settings, product, steps)


class Film:
    """The frames of one video, in order."""

    def __init__(
        self, recording: Recording, clock: Clock, shot: Shot, screen: Screen, masker: Masker, steps: PageSteps
    ) -> None:
        self.frames: Final = math.floor(clock.video_s * shot.fps + _ROUNDING_S) + 1
        self.photographed = 0
        self._recording, self._clock, self._shot, self._screen = recording, clock, shot, screen
        self._masker, self._steps = masker, steps
        self._hand: Final = Hand()
        self._pages: Final[dict[int, str]] = {}
        self._drawn: Final[set[int]] = set()
        self._tab = 0

    def pictures(self) -> Iterator[bytes]:
        """One JPEG for each frame, of the moment at which it is shown first.

        Of the last one, it is the very end of the session, which lies within its time too: nothing happens unseen.
        """
        events = _Ahead(self._events())
        before: Moment | None = None
        before_s = self._clock.session.from_s
        goes_on, picture = True, b""
        for number in range(self.frames):
            is_last = number == self.frames - 1
            video_s = self._clock.video_s if is_last else number / self._shot.fps
            at_s = self._clock.to_session(video_s)
            new = [shown for event in events.until(at_s, self._second) if (shown := self._taken(event)) is not None]
            if number == 0:
                # What led up to the first frame was not done in this video.
                self._hand.said()
            moment = self._moment(video_s, at_s, before_s)
            if new or goes_on or moment != before:
                goes_on = self._screen.show(new, moment, self._recording.started_ms + round(at_s * 1000))
                picture = self._screen.picture()
                self.photographed += 1
            before, before_s = moment, at_s
            yield picture

    def _second(self, event: Event) -> float:
        return self._recording.seconds(event.at_ms)

    def _events(self) -> Iterator[Event]:
        """The events from the last snapshots before the shot on; of what came earlier, what tells the pages."""
        from_s = self._clock.session.from_s
        latest = {window: at_s for at_s, window in self._recording.snapshots() if at_s <= from_s + _ROUNDING_S}
        return self._recording.events(min(latest.values(), default=0.0), earlier=_EARLIER)

    def _taken(self, event: Event) -> Event | None:
        """Follows an event; what of it is to be drawn."""
        address = _address(event)
        if address:
            self._pages[event.window] = self._steps.of(address)
        shown = self._masker.masked(event)
        if event.kind == Kind.FULL_SNAPSHOT and shown is not None:
            self._drawn.add(event.window)
        if event.window not in self._drawn:
            return shown if event.kind == Kind.META else None
        if event.is_active:
            self._tab = event.window
        self._hand.follow(event, self._second(event))
        return shown

    def _moment(self, video_s: float, at_s: float, since_s: float) -> Moment:
        skipped = self._clock.caption_at(video_s)
        seconds = skipped.session.length_s if skipped is not None else 0.0
        return Moment(
            tab=self._tab,
            pointer=self._hand.pointers.get(self._tab),
            touches=self._hand.touches,
            presses=tuple(self._hand.presses(self._tab, at_s, since_s)),
            caption=f"{_spoken(seconds)} without any action, skipped" if skipped is not None else "",
            clock=f"{clock_words(at_s)} / {clock_words(self._recording.duration_s)}",
            step=self._pages.get(self._tab, ""),
            doing=self._hand.said(),
            speed="" if self._shot.speed == 1 else f"{self._shot.speed:g}x",
        )


class _Ahead:
    """Events with one of them looked at ahead, so that they can be taken up to a time."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._next = next(events, None)

    def until(self, at_s: float, second: Callable[[Event], float]) -> Iterator[Event]:
        while self._next is not None and second(self._next) <= at_s + _ROUNDING_S:
            yield self._next
            self._next = next(self._events, None)


def clock_words(at_s: float) -> str:
    """A second of the session as the footer shows it: 03:12, or 1:03:12."""
    minutes, seconds = divmod(int(at_s + _ROUNDING_S), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _address(event: Event) -> str:
    """The address an event says its page has; "" where it says none."""
    if event.kind == Kind.META:
        return text_of(event.data.get("href"))
    payload = event.data.get("payload")
    if event.kind == Kind.CUSTOM and isinstance(payload, dict):
        return text_of(payload.get("href"))
    return ""
