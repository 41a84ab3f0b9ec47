"""The table `replay_clips`: a day's chosen recordings fetched, read for signs, drawn, and what became of each.

One recording that cannot be had, read or drawn is a row that says why; the others go on. What is done is kept beside
its video, so a run that was killed goes on where it was, and a rerun fetches nothing again but what was provisional.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from user_intel.errors import BudgetError, PlayerError, RecordingError, RecordingGone, SourceError
from user_intel.lake import Lake
from user_intel.product import Product, Watch
from user_intel.settings import Settings
from user_intel.watch.choosing import Chosen, choose
from user_intel.watch.clock import Clock, Stretch
from user_intel.watch.events import Event
from user_intel.watch.fetching import Fetched, Recordings
from user_intel.watch.grounding import Happened
from user_intel.watch.labels import labels_of
from user_intel.watch.masking import Masker
from user_intel.watch.recording import Recording
from user_intel.watch.shelf import ClipKind, Shelf, clip_id
from user_intel.watch.signs import Sign, signs_of
from user_intel.watch.tracks import tracks_of

if TYPE_CHECKING:
    from user_intel.watch.rendering import Renderer, Shot

_LOG = logging.getLogger(__name__)

DRAWN, NOT_DRAWN, GONE, UNUSABLE, FAILED = "drawn", "not_drawn", "gone", "unusable", "failed"
# After so many recordings in a row that PostHog did not answer for, the night does not wait for the others.
_AWAY: Final = 2
Told = Callable[[str], None]


@dataclass(frozen=True)
class _Read:
    """What one recording's events tell, for every clip of it."""

    fetched: Fetched
    signs: Sequence[Sign]
    labels: Sequence[str]
    happened: Happened
    digest: str

    @property
    def recording(self) -> Recording:
        return self.fetched.recording


@dataclass
class _Night:
    """One day's work: what draws and fetches, opened when first needed, and what went wrong with either."""

    lake: Lake
    product: Product
    settings: Settings
    day: date
    now: datetime
    shelf: Shelf
    stack: ExitStack
    told: Told
    renderer: Renderer | None = None
    no_renderer: str = ""
    recordings: Recordings | None = None
    away: int = 0
    places: dict[str, int] = field(default_factory=dict)


def draw_day(
    lake: Lake,
    product: Product,
    settings: Settings,
    day: date,
    *,
    now: datetime | None = None,
    told: Told | None = None,
) -> Counter[str]:
    """Writes `replay_clips` of `day` and the clips themselves; how many rows have which status.

    `now` (naive UTC) decides what is provisional. `told` hears of each recording, without naming it. Raises DayBusy
    when another process draws the same day, ConfigError when a mask cannot be meant.
    """
    shelf = Shelf(lake.home)
    with lake.writing("replay_clips", day), ExitStack() as stack:
        chosen = choose(lake, product, day, unavailable(lake, day))
        moment = now or datetime.now(UTC).replace(tzinfo=None)
        night = _Night(lake, product, settings, day, moment, shelf, stack, told or (lambda _: None))
        rows = list(_rows(night, chosen))
        lake.write_rows("replay_clips", day, rows)
        shelf.sweep(day, {row["clip_id"] for row in rows})
    return Counter(str(row["status"]) for row in rows)


def unavailable(lake: Lake, day: date) -> set[str]:
    """The recordings that were gone when an earlier day asked for them."""
    earlier = [each for each in lake.days("replay_clips") if each < day]
    with lake.connect() as connection:
        rows = lake.read(connection, "replay_clips", earlier).project("recording_id, status").fetchall()
    return {recording_id for recording_id, status in rows if status == GONE}


def _rows(night: _Night, chosen: Sequence[Chosen]) -> Iterator[dict[str, Any]]:
    """One row for each clip wanted; a recording chosen for several pain points is fetched once."""
    order = {each.recording_id: place for place, each in reversed(list(enumerate(chosen)))}
    by_recording = sorted(chosen, key=lambda each: order[each.recording_id])
    wanted = [(each, kind) for each in by_recording for kind in _kinds(night.product.watch, each)]
    for number, (recording_id, group) in enumerate(groupby(wanted, key=lambda pair: pair[0].recording_id), start=1):
        clips = list(group)
        kept = [_kept(night, each, kind) for each, kind in clips]
        night.told(f"recording {number} of {len(order)}")
        rows = [row for row in kept if row is not None] if all(kept) else list(_made(night, recording_id, clips))
        for row in rows:
            yield {**row, "place": number}


def _kinds(watch: Watch, chosen: Chosen) -> tuple[ClipKind, ...]:
    return ("moment", "overview") if chosen.met and watch.overviews else ("moment",)


def _kept(night: _Night, chosen: Chosen, kind: ClipKind) -> dict[str, Any] | None:
    """The row of a clip made before; None where it is to be made (again, if its recording was not whole then)."""
    name = clip_id(night.day, chosen.found.pain_point_id, chosen.session_id, kind)
    known = night.shelf.known(night.day, name)
    if known is None or known["row"]["provisional"]:
        return None
    could_be_drawn = known["row"]["status"] == NOT_DRAWN and _renderer(night) is not None
    return None if could_be_drawn else dict(known["row"])


def _made(night: _Night, recording_id: str, clips: Sequence[tuple[Chosen, ClipKind]]) -> Iterator[dict[str, Any]]:
    try:
        if night.away >= _AWAY:
            raise SourceError("PostHog did not answer for the recordings before it either.")
        with _source(night).fetch(recording_id, night.product.watch, night.now) as fetched:
            night.away = 0
            read = _read(fetched, night.product.watch)
            for chosen, kind in clips:
                yield _clip(night, read, chosen, kind)
        return
    except RecordingGone as error:
        status, reason = GONE, str(error)
    except RecordingError as error:
        status, reason = UNUSABLE, str(error)
    except (SourceError, BudgetError) as error:
        night.away += 1
        status, reason = FAILED, str(error)
    for chosen, kind in clips:
        row = _row(night, chosen, kind, status, reason)
        if status != FAILED:
            _keep(night, row)
        yield row


def _clip(night: _Night, read: _Read, chosen: Chosen, kind: ClipKind) -> dict[str, Any]:
    """One clip drawn, or why it is not."""
    base = _row(night, chosen, kind, NOT_DRAWN, None) | _told_of(read, chosen)
    name, renderer = str(base["clip_id"]), _renderer(night)
    out = night.shelf.path(night.day, name)
    try:
        shot = _shot(read.recording, base["moment_s"], _end_s(read, chosen), night.product.watch, kind)
        if renderer is None:
            row = {**base, "reason": night.no_renderer, "from_s": shot.shown.from_s, "to_s": shot.shown.to_s}
        else:
            out.parent.mkdir(parents=True, exist_ok=True)
            drawn = renderer.render(read.recording, shot, out)
            row = {**base, "status": DRAWN, "file": f"{night.day}/{out.name}", "bytes": drawn.size_bytes}
            row |= _timed(drawn.clock)
    except RecordingError as error:
        row = {**base, "status": UNUSABLE, "reason": str(error)}
    except PlayerError as error:
        return {**base, "status": FAILED, "reason": str(error)}
    span = Stretch(row["from_s"] or 0.0, row["to_s"] or 0.0)
    _keep(night, row, read.happened.within(span))
    return row


def _shot(recording: Recording, from_s: float, to_s: float, watch: Watch, kind: ClipKind) -> Shot:
    from user_intel.watch.rendering import Shot, overview

    if kind == "overview":
        return overview(recording, watch)
    if from_s > recording.duration_s:
        raise RecordingError(
            f"its end is missing: what is to be seen was at second {from_s:.0f}, and it has {recording.duration_s:.0f}."
        )
    ends_s = min(max(to_s, from_s) + watch.clip_margin_s, max(recording.duration_s, 1.0))
    begins_s = max(0.0, from_s - watch.clip_margin_s, ends_s - watch.moment_most_s)
    return Shot(Stretch(min(begins_s, ends_s - 1.0), ends_s), 1.0, watch.clip_fps)


def _read(fetched: Fetched, watch: Watch) -> _Read:
    recording = fetched.recording
    tracks = tracks_of(recording.events(), recording.started_ms)
    signs = signs_of(tracks, watch.signs)
    digest = hashlib.sha256()
    labels = labels_of(_digested(_masked(recording, watch), digest.update), signs, recording.started_ms)
    return _Read(fetched, signs, labels, Happened.of(tracks), digest.hexdigest())


def _masked(recording: Recording, watch: Watch) -> Iterator[Event]:
    masker = Masker(watch.mask)
    return (shown for event in recording.events() if (shown := masker.masked(event)) is not None)


def _digested(events: Iterable[Event], update: Callable[[bytes], object]) -> Iterator[Event]:
    for event in events:
        update(json.dumps([event.at_ms, event.window, event.kind, event.data], sort_keys=True).encode())
        yield event


def _told_of(read: _Read, chosen: Chosen) -> dict[str, Any]:
    """What a row says of the recording itself."""
    signs = [
        {"signal": s.signal, "from_s": s.from_s, "to_s": s.to_s, "count": s.count, "element": label}
        for s, label in zip(read.signs, read.labels, strict=True)
    ]
    return {
        "started_ms": read.recording.started_ms,
        "moment_s": max(0.0, _second(read.recording, chosen.from_at)),
        "signs": json.dumps(signs, ensure_ascii=False),
        "events_digest": read.digest,
        "missing_s": round(sum(gap.length_s for gap in read.fetched.missing), 3),
        "flaws": json.dumps(read.recording.flaws.words()),
        "provisional": read.fetched.provisional,
    }


def _end_s(read: _Read, chosen: Chosen) -> float:
    return _second(read.recording, chosen.to_at)


def _second(recording: Recording, at: datetime) -> float:
    return recording.seconds(round(at.replace(tzinfo=UTC).timestamp() * 1000))


def _timed(clock: Clock) -> dict[str, Any]:
    pieces = [
        {"session": asdict(piece.session), "video": asdict(piece.video), "skipped": piece.skipped}
        for piece in clock.pieces
    ]
    shown = clock.session
    return {
        "from_s": shown.from_s,
        "to_s": shown.to_s,
        "video_s": clock.video_s,
        "clock": json.dumps(pieces),
    }


def _row(night: _Night, chosen: Chosen, kind: ClipKind, status: str, reason: str | None) -> dict[str, Any]:
    """All that is known before anything was fetched; the rest is null."""
    columns = dict.fromkeys(night.lake.table("replay_clips").column_names)
    return columns | {
        "clip_id": clip_id(night.day, chosen.found.pain_point_id, chosen.session_id, kind),
        "pain_point_id": chosen.found.pain_point_id,
        "session_id": chosen.session_id,
        "user_id": chosen.user_id,
        "recording_id": chosen.recording_id,
        "met": chosen.met,
        "kind": kind,
        "status": status,
        "reason": reason,
        "provisional": False,
        "url": _address(night.settings, chosen),
    }


def _address(settings: Settings, chosen: Chosen) -> str | None:
    """PostHog's page of the recording at the moment; null without a PostHog."""
    if not settings.uses_posthog:
        return None
    second = max(0, int((chosen.from_at - chosen.recording_started_at).total_seconds()))
    host = str(settings.posthog_host).rstrip("/")
    return f"{host}/project/{settings.posthog_project_id}/replay/{chosen.recording_id}?t={second}"


def _keep(night: _Night, row: Mapping[str, Any], happened: Mapping[str, Sequence[float]] | None = None) -> None:
    told = {name: value for name, value in row.items() if name not in ("day", "place")}
    night.shelf.keep(night.day, str(row["clip_id"]), {"row": told, "file": row["file"], "happened": happened or {}})


def _source(night: _Night) -> Recordings:
    if night.recordings is None:
        night.recordings = night.stack.enter_context(Recordings(night.settings))
    return night.recordings


def _renderer(night: _Night) -> Renderer | None:
    """What draws; None, and the reason noted, where there is no browser, no ffmpeg or no player here."""
    if night.renderer is None and not night.no_renderer:
        from user_intel.watch.rendering import open_renderer

        try:
            night.renderer = night.stack.enter_context(open_renderer(night.settings, night.product))
        except PlayerError as error:
            night.no_renderer = str(error)
            _LOG.warning("recordings are read but not drawn: %s", error)
    return night.renderer
