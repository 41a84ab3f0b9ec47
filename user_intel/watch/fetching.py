"""A recording out of PostHog: its blocks one range of keys after the other, into a file without a name.

Nothing of it is masked yet, so nothing of it is written under a name: the file vanishes with the process, however it
ends. What was fetched once and drawn is not fetched again; a recording in the middle of which a run was killed is.
Facts and their sources (posthog.md): at most 20 keys a request; 12, 60 or 100 requests a minute and 60, 300 or 400 an
hour by plan; blocks that PostHog cannot load are left out of an answer without a word, so what came is compared with
the times that the list of sources promises; a recording changes until 24 h after its end.
"""

from __future__ import annotations

import logging
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Final
from urllib.parse import quote

import msgspec

from user_intel.errors import RecordingError, RecordingGone, SourceError
from user_intel.http import Clock, HttpClient, Patience, StatusError
from user_intel.product import Watch
from user_intel.rate_limits import Rate
from user_intel.settings import Plan, Settings
from user_intel.watch.clock import Stretch
from user_intel.watch.recording import Recording, read_recording

_LOG = logging.getLogger(__name__)

KEYS_AT_ONCE: Final = 20
SETTLED_AFTER_MS: Final = 24 * 3_600_000
# A minute and an hour of each plan; a self-hosted PostHog counts none.
_RATES: Final[dict[Plan, tuple[Rate, ...]]] = {
    "free": (Rate(12, 60), Rate(60, 3_600)),
    "paid": (Rate(60, 60), Rate(300, 3_600)),
    "enterprise": (Rate(100, 60), Rate(400, 3_600)),
    "self_hosted": (),
}
_GONE: Final = frozenset({404, 410})
# One recording that cannot be had must not hold up the night.
_PATIENCE: Final = Patience(tries=5, longest_wait_s=30.0)
# The clocks of a block's first and last event and of its entry in the list agree to the millisecond.
_SLACK_MS: Final = 1_000


class _Source(msgspec.Struct):
    source: str
    blob_key: str | None = None
    start_timestamp: datetime | None = None
    end_timestamp: datetime | None = None

    @property
    def key(self) -> int:
        """Its place among the blocks of its source."""
        return int(self.blob_key or 0)


class _Sources(msgspec.Struct):
    sources: list[_Source] = []


_SOURCES = msgspec.json.Decoder(_Sources)


@dataclass(frozen=True)
class Fetched:
    """A recording as it came. `missing`: spans that PostHog promised and did not send, in seconds of the session.

    `provisional`: it ended less than 24 hours before it was fetched, so more may come.
    """

    recording: Recording
    missing: Sequence[Stretch]
    provisional: bool


class Recordings:
    """What recordings of one PostHog project hold. Close it, or use `with`."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        if not settings.uses_posthog or settings.posthog_api_key is None:
            raise SourceError("No PostHog is configured, so there are no recordings to fetch: set POSTHOG_*.")
        self._path = f"/api/projects/{settings.posthog_project_id}/session_recordings"
        self._http = HttpClient(
            "PostHog",
            str(settings.posthog_host),
            key=settings.posthog_api_key.get_secret_value(),
            at_once=1,
            rates=_RATES[settings.posthog_plan],
            patience=_PATIENCE,
            clock=clock,
        )

    def __enter__(self) -> Recordings:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    @contextmanager
    def fetch(self, recording_id: str, watch: Watch, now: datetime) -> Iterator[Fetched]:
        """One recording, opened. `now` is naive UTC.

        Raises RecordingGone when PostHog no longer has it, RecordingError when what came is no recording, SourceError
        or BudgetError when PostHog does not answer.
        """
        sources = self._sources(recording_id)
        with tempfile.TemporaryFile() as lines:
            for together in _ranges(sources):
                self._append(recording_id, together, lines)
            lines.seek(0)
            # A block that ends early is told among what is missing.
            with read_recording(lines, "the recording", watch, partial=True) as recording:
                missing = list(_missing(recording, sources))
                ended_ms = max((_ms(each.end_timestamp) for each in sources if each.end_timestamp), default=0)
                settled = ended_ms + SETTLED_AFTER_MS <= _ms(now)
                yield Fetched(recording, missing, provisional=not settled)

    def _sources(self, recording_id: str) -> list[_Source]:
        """The blocks PostHog lists, in the order of their keys."""
        with _telling_gone():
            listed = self._http.get(self._snapshots(recording_id), _SOURCES, {"blob_v2": "true"}).sources
        blocks = [each for each in listed if each.blob_key is not None and each.blob_key.isdigit()]
        if not blocks:
            raise RecordingError("PostHog lists no blocks of it: it is empty, or of a kind from before 2025.")
        return sorted(blocks, key=lambda each: (each.source, each.key))

    def _append(self, recording_id: str, sources: Sequence[_Source], lines: BinaryIO) -> None:
        params = {
            "source": sources[0].source,
            "start_blob_key": str(sources[0].key),
            "end_blob_key": str(sources[-1].key),
        }
        with _telling_gone():
            size = self._http.append(self._snapshots(recording_id), lines, params)
        _LOG.info("fetched %d blocks of a recording: %d bytes", len(sources), size)
        # Blocks end without a line end.
        lines.write(b"\n")

    def _snapshots(self, recording_id: str) -> str:
        return f"{self._path}/{quote(recording_id, safe='')}/snapshots/"


@contextmanager
def _telling_gone() -> Iterator[None]:
    try:
        yield
    except StatusError as error:
        if error.status in _GONE:
            raise RecordingGone(f"PostHog no longer has it ({error.status}).") from None
        raise


def _ranges(sources: Sequence[_Source]) -> Iterator[list[_Source]]:
    """Blocks that may be asked for at once: of one source, their keys near each other."""
    together: list[_Source] = []
    for each in sources:
        if together and (each.source != together[0].source or each.key - together[0].key >= KEYS_AT_ONCE):
            yield together
            together = []
        together.append(each)
    if together:
        yield together


def _ms(at: datetime) -> int:
    """Unix milliseconds; a time without a zone is UTC."""
    return round(1000 * (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _missing(recording: Recording, sources: Sequence[_Source]) -> Iterator[Stretch]:
    """The blocks of which no event came, as seconds of the session; neighbours as one."""
    at_ms = recording.times_ms()
    spans = [
        (_ms(each.start_timestamp), _ms(each.end_timestamp))
        for each in sources
        if each.start_timestamp and each.end_timestamp
    ]
    gap: Stretch | None = None
    for start_ms, end_ms in spans:
        place = bisect_left(at_ms, start_ms - _SLACK_MS)
        if place < len(at_ms) and at_ms[place] <= end_ms + _SLACK_MS:
            continue
        from_s, to_s = recording.seconds(start_ms), recording.seconds(end_ms)
        if gap and from_s - gap.to_s <= 2 * _SLACK_MS / 1000:
            gap = Stretch(gap.from_s, to_s)
            continue
        if gap:
            yield gap
        gap = Stretch(from_s, to_s)
    if gap:
        yield gap
