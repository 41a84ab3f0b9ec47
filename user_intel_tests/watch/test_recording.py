"""Recordings read from files, in every shape they come in, and what is said of those that are no good."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import pytest

from user_intel.errors import RecordingError
from user_intel.product import Watch
from user_intel.watch.clock import Stretch
from user_intel.watch.events import Event, Kind, Source
from user_intel.watch.recording import open_recording, read_recording
from user_intel_tests.watch.made_recordings import (
    STARTED_MS,
    Page,
    click,
    event,
    happening,
    meta,
    moves,
    mutation,
    snapshot,
    write,
)  # fmt: skip

WATCH = Watch()


def small(at_s: float = 0.0) -> list[dict[str, object]]:
    page = Page()
    button = page.element("button", "Pay")
    return [meta(at_s), snapshot(page.document(button), at_s), click(at_s + 2, 10, 10, 2), click(at_s + 4, 10, 10, 2)]


def packed(value: object) -> str:
    return gzip.compress(json.dumps(value).encode()).decode("latin-1")


def kinds(content: bytes, *, partial: bool = False) -> list[tuple[int, int]]:
    with read_recording(io.BytesIO(content), "made", WATCH, partial=partial) as recording:
        return [(found.kind, found.at_ms - STARTED_MS) for found in recording.events()]


EXPECTED = [(4, 0), (2, 0), (3, 2000), (3, 4000)]


def lines(values: Iterable[object], end: str = "\n") -> bytes:
    return end.join(json.dumps(value) for value in values).encode()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps(small()).encode(), id="an array"),
        pytest.param(json.dumps(small(), indent=2).encode(), id="an indented array"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps(small()).encode(), id="an array after a byte order mark"),
        pytest.param(lines(small()), id="json lines"),
        pytest.param(lines(small(), "\r\n") + b"\r\n\r\n", id="json lines of another system"),
        pytest.param(lines(["w1", each] for each in small()), id="PostHog's lines"),
        pytest.param(lines([{"window_id": "w1", "data": small()}]), id="PostHog's older lines"),
        pytest.param(lines([{"window_id": "w1", "data": json.dumps(small())}]), id="the same, as text in text"),
        pytest.param(
            lines([{"event": "$snapshot", "properties": {"$window_id": "w", "$snapshot_data": small()}}]), id="captures"
        ),
        pytest.param(
            json.dumps({"version": "1", "data": {"snapshots": [{"windowId": "w", **e} for e in small()]}}).encode(),
            id="PostHog's export to a file",
        ),
        pytest.param(json.dumps({"events": small()}).encode(), id="an object with events"),
        pytest.param(gzip.compress(json.dumps(small()).encode()), id="gzip"),
        pytest.param(b"".join(gzip.compress(line + b"\n") for line in lines(small()).splitlines()), id="joined gzips"),
    ],
)
def test_every_shape_gives_the_same_events(content: bytes) -> None:
    assert kinds(content) == EXPECTED


def test_posthogs_compression_is_undone() -> None:
    page = Page()
    document = page.document(page.element("p", "hello"))
    mutated = {"source": 0, "texts": packed([{"id": 1, "value": "x"}]), "attributes": "", "removes": packed([]),
               "adds": packed([])}  # fmt: skip
    rules = {"source": 8, "id": 3, "adds": packed([{"rule": "a{}", "index": 0}])}
    events = [
        meta(),
        {
            **snapshot(document),
            "data": packed({"node": document, "initialOffset": {"top": 0, "left": 0}}),
            "cv": "2024-10",
        },
        {**event(3, 1, mutated), "cv": "2024-10"},
        {**event(3, 2, rules), "cv": "2024-10"},
    ]
    content = lines(["w", each] for each in events)
    with read_recording(io.BytesIO(content), "made", WATCH) as recording:
        found = [each.data for each in recording.events()]
    assert found[1]["node"] == document
    assert found[2] == {"source": 0, "texts": [{"id": 1, "value": "x"}], "attributes": [], "removes": [], "adds": []}
    assert found[3] == {"source": 8, "id": 3, "adds": [{"rule": "a{}", "index": 0}]}


def test_an_unknown_or_damaged_compression_is_counted_and_left_out() -> None:
    damaged = {**event(3, 1, {"source": 0, "texts": "\x1f\x8bnot gzip", "adds": []}), "cv": "2024-10"}
    unknown = {**event(3, 1, {"source": 0}), "cv": "2031-01"}
    with read_recording(io.BytesIO(lines([*small(), damaged, unknown])), "made", WATCH) as recording:
        assert len(recording) == 4
        assert recording.flaws.words() == ["events packed in an unknown way: 2"]


def test_windows_are_kept_apart_and_their_events_are_put_in_order() -> None:
    one, two = small(), small(at_s=1)
    content = lines([*(["a", each] for each in one), *(["b", each] for each in two)])
    with read_recording(io.BytesIO(content), "made", WATCH) as recording:
        assert recording.windows == ("a", "b")
        assert [found.window for found in recording.events()] == [0, 0, 1, 1, 0, 1, 0, 1]
        assert recording.snapshots() == [(0.0, 0), (1.0, 1)]


def test_what_is_sent_twice_is_kept_once() -> None:
    with read_recording(io.BytesIO(lines([*small(), *small()])), "made", WATCH) as recording:
        assert len(recording) == 4
        assert recording.flaws.repeated == 4


def test_a_clock_that_goes_backwards_is_put_in_order_and_one_gone_mad_is_left_out() -> None:
    late = click(3, 1, 1, 2)
    mad = {**click(0, 1, 1, 2), "timestamp": STARTED_MS * 10}
    with read_recording(io.BytesIO(lines([*small(), late, mad])), "made", WATCH) as recording:
        assert [round(recording.seconds(found.at_ms)) for found in recording.events()] == [0, 0, 2, 3, 4]
        assert (recording.flaws.backwards, recording.flaws.off_clock) == (1, 1)
        assert recording.duration_s == 4


def test_each_position_of_a_move_is_an_event_at_its_own_time() -> None:
    moved = moves(1.0, (0.5, 10, 20), (0.25, 30, 40), (0.0, 50, 60), node=2)
    with read_recording(io.BytesIO(lines([*small(), moved])), "made", WATCH) as recording:
        found = [(each.at_ms - STARTED_MS, each.data["positions"]) for each in recording.events() if each.is_move]
    assert [at for at, _ in found] == [500, 750, 1000]
    assert found[1][1] == [{"x": 30, "y": 40, "id": 2, "timeOffset": 0}]


def test_nobody_is_active_where_only_the_page_changes() -> None:
    ticks = [mutation(at_s, texts=[{"id": 1, "value": str(at_s)}]) for at_s in range(5, 30)]
    with read_recording(io.BytesIO(lines([*small(), *ticks, click(30, 1, 1, 2)])), "made", WATCH) as recording:
        assert recording.idle == (Stretch(4, 30),)
        assert (recording.duration_s, recording.active_s) == (30, 4)


def test_events_of_unknown_types_and_values_that_are_none_are_counted() -> None:
    odd = [{"type": 77, "timestamp": STARTED_MS, "data": {}}, 5, "text", {"no": "event"}, [], None]
    with read_recording(io.BytesIO(lines([*small(), *odd])), "made", WATCH) as recording:
        assert len(recording) == 4
        assert recording.flaws.unknown_kind == 1
        assert recording.flaws.unknown_shape == 4
    broken = lines(small()) + b"\n{this is no json}\n" + lines([click(9, 1, 1, 2)])
    with read_recording(io.BytesIO(broken), "made", WATCH) as recording:
        assert (len(recording), recording.flaws.broken) == (5, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no rrweb events"),
        (b"[]", "holds no rrweb events"),
        (b"   \n ", "holds no rrweb events"),
        (b"%PDF-1.7 nothing of the kind", "holds no rrweb events"),
        (lines([meta(), click(1, 1, 1, 2)]), "none of its 2 events is a full snapshot"),
        (lines([meta(), event(2, 0, {"wireframes": []})]), "mobile recording"),
    ],
)
def test_a_recording_with_nothing_to_draw_is_refused_in_one_line(content: bytes, words: str) -> None:
    with pytest.raises(RecordingError, match=words) as refused:
        kinds(content)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("share", [0.35, 0.7, 0.95])
def test_of_a_truncated_gzip_the_usable_part_is_named_and_can_be_taken(share: float) -> None:
    # Random enough not to be packed into a single block.
    page = Page()
    clicks = [click(1 + n / 7, (n * 7919) % 1201, (n * 104729) % 701, 2) for n in range(4000)]
    whole = gzip.compress(lines([meta(), snapshot(page.document("hello")), *clicks]))
    cut = whole[: int(len(whole) * share)]
    with pytest.raises(RecordingError, match=r"gzip ends too early. Its first [\d,]+ events, \d+ seconds, are usable"):
        kinds(cut)
    usable = kinds(cut, partial=True)
    assert 0 < len(usable) < 4002
    assert usable[:2] == [(4, 0), (2, 0)]


def test_of_an_array_cut_off_in_the_middle_the_usable_part_is_named() -> None:
    cut = json.dumps(small()).encode()[:-30]
    with pytest.raises(
        RecordingError, match=r"its last value is not whole\. Its first 3 events, 2 seconds, are usable"
    ):
        kinds(cut)
    assert kinds(cut, partial=True) == EXPECTED[:3]
    with pytest.raises(RecordingError, match="array never ends"):
        kinds(json.dumps(small()).encode()[:-1])


def test_what_is_too_large_is_refused_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(b" " * (3 << 20))
    with pytest.raises(RecordingError, match="larger than 2 MB unpacked"):
        read_recording(io.BytesIO(bomb), "made", Watch(max_recording_mb=2))
    huge = lines([snapshot(Page().document("x" * (3 << 20)))])
    with pytest.raises(RecordingError, match="one event of the recording is larger than 2 MB"):
        read_recording(io.BytesIO(huge), "made", Watch(max_event_mb=2))


class Endless(io.RawIOBase):
    """A recording of many megabytes, made while it is read."""

    def __init__(self, megabytes: int) -> None:
        page = Page()
        filler = [mutation(1 + n / 1000, texts=[{"id": 4, "value": "x" * 5000}]) for n in range(200)]
        self._first = b"[" + b",".join(json.dumps(each).encode() for each in (meta(), snapshot(page.document("x"))))
        # The same time and text would be the same event.
        self._block = b"," + b",".join(json.dumps(each).encode() for each in filler)
        self._left, self._number, self._rest = megabytes << 20, 0, self._first

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and self._left > 0:
            self._number += 1
            block = self._block.replace(b'"value": "x', b'"value": "' + str(self._number).encode())
            self._left -= len(block)
            self._rest += block + (b"]" if self._left <= 0 else b"")
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk


def test_a_large_recording_is_read_in_bounded_memory() -> None:
    stream: BinaryIO = Endless(30)  # type: ignore[assignment]
    tracemalloc.start()
    with read_recording(stream, "made", WATCH) as recording:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(recording) > 6000
        assert sum(1 for _ in recording.events(from_s=1.1)) > 3000
    assert most < 16 << 20


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        open_recording(tmp_path / "none.json")


def test_no_unmasked_event_lies_in_a_file_with_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = write(tmp_path / "made.json", small())
    with open_recording(path) as recording:
        assert len(list(recording.events())) == 4
        assert list(tmp_path.iterdir()) == [path]


def test_every_real_recording_is_read(shared_data: Path) -> None:
    paths = sorted((shared_data / "rrweb").glob("*.json"))
    assert len(paths) == 19
    for path in paths:
        with open_recording(path) as recording:
            events = list(recording.events())
            assert any(found.kind == Kind.FULL_SNAPSHOT for found in events)
            assert events == sorted(events, key=lambda found: found.at_ms)


def test_presses_and_activity_are_told_from_other_events() -> None:
    def made(source: int, **data: object) -> Event:
        raw = happening(source, 0, **data)["data"]
        assert isinstance(raw, dict)
        return Event(0, 0, 3, raw)

    assert made(Source.MOUSE_INTERACTION, type=2).press is not None
    assert made(Source.MOUSE_INTERACTION, type=5).press is None
    assert made(Source.INPUT).is_active
    assert not made(Source.MUTATION).is_active
    assert made(99).source == 99
