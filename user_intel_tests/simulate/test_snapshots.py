"""Recordings of the simulated product: they show what the events say, in the shapes PostHog serves them in."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from user_intel.simulate.replays import Happening, Replay, replay_of
from user_intel.simulate.site import FRICTIONS, STEPS
from user_intel_tests.simulate.conftest import DAYS, PRODUCT, Asker

SHIPPING = "https://app.example.com/shipping"


def happening(at_ms: int, event: str, **more: str) -> Happening:
    told = {"url": SHIPPING, "path": "/shipping", "title": "Shipping", "kind": "", "text": "", "device": "Mobile"}
    rest = {"browser": "Safari", "field": "", "distinct_id": "user-1", "window": "w"}
    return Happening(at_ms=at_ms, event=event, **{**told, **rest, **more})


def recorded(*happenings: Happening, end_ms: int = 60_000) -> Replay:
    return replay_of("a session", happenings, end_ms, STEPS, FRICTIONS)


def clicks(replay: Replay) -> list[tuple[int, int]]:
    """Moment and node of every click, presses of fields left out."""
    told = [event for _, event in replay.events if event["type"] == 3 and event["data"]["source"] == 2]
    return [(event["timestamp"], event["data"]["id"]) for event in told if event["data"]["type"] == 2]


def changes(replay: Replay) -> list[int]:
    return [
        e["timestamp"] for _, e in replay.events if e["type"] == 3 and e["data"]["source"] == 0 and e["data"]["adds"]
    ]


def test_every_click_is_seen_at_its_moment_on_its_button() -> None:
    press = happening(12_000, "$autocapture", kind="click", text="Continue")
    replay = recorded(happening(1_000, "$pageview", device="Desktop"), press)

    document = next(event["data"]["node"] for _, event in replay.events if event["type"] == 2)
    button = next(
        n for n in nodes(document) if n.get("childNodes") and n["childNodes"][0].get("textContent") == "Continue"
    )

    assert clicks(replay) == [(12_000, button["id"])]
    assert changes(replay) == [12_220]


def test_nothing_reacts_to_a_dead_click() -> None:
    press = happening(12_000, "$autocapture", kind="click", text="Continue")
    replay = recorded(happening(1_000, "$pageview"), press, happening(14_600, "$dead_click", text="Continue"))

    assert len(clicks(replay)) == 1
    assert changes(replay) == []
    assert next((each.kind, each.from_ms) for each in replay.planted) == ("dead_click", 12_000)


def test_who_leaves_because_of_a_friction_is_seen_to_struggle_first() -> None:
    left = {each.kind for each in recorded(happening(1_000, "$pageview")).planted}
    on = {each.kind for each in recorded(happening(1_000, "$pageview", device="Desktop")).planted}

    assert left == {"hesitation", "erratic_cursor", "scroll_reversal"}
    assert on == set()


def test_a_tab_of_its_own_is_a_window_of_its_own() -> None:
    docs = happening(20_000, "$pageview", path="/docs", url="https://app.example.com/docs")
    replay = recorded(happening(1_000, "$pageview"), docs)

    assert {window for window, _ in replay.events} == {"w", "w-docs"}
    assert Counter(window for window, event in replay.events if event["type"] == 2) == {"w": 1, "w-docs": 1}


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("childNodes", ()):
        yield from nodes(child)


@pytest.fixture(scope="module")
def recording() -> str:
    """The longest recording of a day."""
    listed = PRODUCT.recordings([DAYS[0]]).sort("active_milliseconds")
    return str(listed["session_id"][-1])


def test_a_recording_is_served_in_blocks_that_cover_it(ask: Asker, recording: str) -> None:
    sources = ask.get(f"P/session_recordings/{recording}/snapshots").json()["sources"]
    keys = [int(source["blob_key"]) for source in sources]
    parts = []
    for first in range(0, len(keys), 20):
        asked = {"source": "blob_v2", "start_blob_key": first, "end_blob_key": min(first + 19, keys[-1])}
        parts += ask.get(f"P/session_recordings/{recording}/snapshots", params=asked).text.split("\n")
    lines = [json.loads(part) for part in parts]
    at = [event["timestamp"] for event in events(lines)]

    assert keys == list(range(len(sources)))
    assert at == sorted(at)
    assert {event["type"] for event in events(lines)} >= {2, 3, 4, 5}


def events(lines: list[Any]) -> list[dict[str, Any]]:
    """The events of lines of either shape, unpacked as PostHog's own player does."""
    told = [each for line in lines for each in (line["data"] if isinstance(line, dict) else [line[1]])]
    for each in told:
        if each.get("cv") and each["type"] == 2:
            json.loads(gzip.decompress(each["data"].encode("latin-1")))
    return told


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"source": "blob"}, 400, "Invalid source"),
        ({"source": "blob_v2", "start_blob_key": "0"}, 400, "end_blob_key"),
        ({"source": "blob_v2", "start_blob_key": "0", "end_blob_key": "21"}, 400, "more than 20"),
        ({"source": "blob_v2", "start_blob_key": "900", "end_blob_key": "901"}, 404, "out of range"),
    ],
)
def test_what_posthog_refuses_is_refused(
    ask: Asker, recording: str, asked: dict[str, str], status: int, words: str
) -> None:
    answer = ask.get(f"P/session_recordings/{recording}/snapshots", params=asked)

    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_blocks_that_cannot_be_loaded_are_missing_without_a_word(ask: Asker, recording: str) -> None:
    asked = {"source": "blob_v2", "start_blob_key": "0", "end_blob_key": "1"}
    whole = ask.get(f"P/session_recordings/{recording}/snapshots", params=asked).text
    ask.posthog.turn(missing_blocks=[1])
    part = ask.get(f"P/session_recordings/{recording}/snapshots", params=asked)

    assert part.status_code == 200
    assert whole.startswith(part.text)
    assert len(part.text) < len(whole)


def test_an_unknown_recording_is_not_found(ask: Asker) -> None:
    assert ask.get("P/session_recordings/unknown/snapshots").json()["detail"] == "Recording not found"
