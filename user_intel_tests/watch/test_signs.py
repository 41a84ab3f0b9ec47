"""Signs of trouble in a recording's own events: what counts as one, what does not, worked by hand."""

import json
from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest

from user_intel.product import Signs
from user_intel.simulate import SimulatedProduct
from user_intel.simulate.replays import Happening, Planted, Replay, replay_of
from user_intel.simulate.site import FRICTIONS, STEPS
from user_intel.watch.events import Event, Json
from user_intel.watch.signs import Sign, signs_of
from user_intel.watch.tracks import tracks_of

BUTTON, LINK, IN_LINK, FIELD = 4, 5, 6, 7


def page(at_s: float = 0.0) -> Event:
    def tag(number: int, name: str, *children: Json) -> Json:
        return {"type": 2, "tagName": name, "id": number, "attributes": {}, "childNodes": list(children)}

    body = tag(3, "body", tag(BUTTON, "button"), tag(LINK, "a", tag(IN_LINK, "span")), tag(FIELD, "input"))
    return Event(round(1000 * at_s), 0, 2, {"node": {"type": 0, "id": 1, "childNodes": [tag(2, "html", body)]}})


def press(at_s: float, node: int = BUTTON, x: float = 50.0, window: int = 0) -> Event:
    return Event(round(1000 * at_s), window, 3, {"source": 2, "type": 2, "id": node, "x": x, "y": 50})


def change(at_s: float, window: int = 0) -> Event:
    return Event(round(1000 * at_s), window, 3, {"source": 0, "adds": [], "texts": [], "removes": [], "attributes": []})


def scroll(at_s: float, y: float) -> Event:
    return Event(round(1000 * at_s), 0, 3, {"source": 3, "id": 1, "x": 0, "y": y})


def move(at_s: float, x: float, y: float = 0.0, window: int = 0) -> Event:
    return Event(round(1000 * at_s), window, 3, {"source": 1, "positions": [{"x": x, "y": y, "id": 3}]})


def error(at_s: float) -> Event:
    return Event(round(1000 * at_s), 0, 6, {"plugin": "rrweb/console@1", "payload": {"level": "error", "payload": []}})


def signs(*events: Event) -> list[tuple[str, float, float, int]]:
    ordered = sorted([page(), *events], key=lambda event: event.at_ms)
    return [(s.signal, s.from_s, s.to_s, s.count) for s in signs_of(tracks_of(ordered, 0), Signs())]


def test_four_presses_within_a_second_are_one_rage() -> None:
    assert signs(*(press(5 + 0.3 * n) for n in range(4))) == [("rage_click", 5.0, 5.9, 4)]


def test_a_rage_goes_on_while_it_keeps_its_pace() -> None:
    assert signs(*(press(5 + 0.3 * n) for n in range(9))) == [("rage_click", 5.0, 7.4, 9)]


def test_presses_far_apart_are_no_rage_but_repetition() -> None:
    assert signs(*(press(5 + 0.2 * n, x=60.0 * n) for n in range(4))) == [("repeated_click", 5.0, 5.6, 4)]


def test_clicking_into_a_field_again_and_again_is_no_repetition() -> None:
    assert signs(*(press(5 + 0.9 * n, FIELD) for n in range(3))) == []


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ((), [("dead_click", 5.0, 7.5, 1)]),
        ((change(7.4),), []),
        ((change(7.6),), [("dead_click", 5.0, 7.5, 1)]),
        ((change(6.0, window=1),), [("dead_click", 5.0, 7.5, 1)]),
        ((scroll(5.1, 30),), []),
        ((page(5.9),), []),
    ],
)
def test_a_press_is_dead_when_nothing_changes_within_two_and_a_half_seconds(
    answer: Sequence[Event], found: list[tuple[str, float, float, int]]
) -> None:
    assert signs(press(5.0), *answer) == found


@pytest.mark.parametrize("node", [LINK, IN_LINK, FIELD, 99])
def test_links_fields_and_unknown_nodes_are_never_dead(node: int) -> None:
    assert signs(press(5.0, node)) == []


def test_an_error_within_a_second_makes_a_press_an_error_click() -> None:
    assert signs(press(5.0), error(5.8)) == [("error_click", 5.0, 5.8, 1)]
    assert signs(press(5.0), change(5.2), error(6.2)) == []


def test_a_pause_is_much_longer_than_is_usual_and_not_so_long_that_people_went_away() -> None:
    def moves(*gaps: float) -> list[Event]:
        at_s, told = 1.0, [move(1.0, 0)]
        for number, gap in enumerate(gaps):
            at_s += gap
            told.append(move(at_s, number))
        return told

    assert signs(*moves(1.5, 1.5, 8.0, 1.5)) == [("pause", 4.0, 12.0, 1)]
    assert signs(*moves(1.5, 1.5, 5.9, 1.5)) == []
    assert signs(*moves(4.0, 4.0, 8.0, 4.0)) == []
    assert signs(*moves(1.5, 1.5, 31.0, 1.5)) == []


def test_who_is_busy_in_another_tab_or_waits_for_the_page_does_not_pause() -> None:
    usual = [move(1.0, 0), move(2.5, 1), move(4.0, 2)]

    assert signs(*usual, move(12.0, 3)) == [("pause", 4.0, 12.0, 1)]
    assert signs(*usual, *(move(4.5 + n, n, window=1) for n in range(8)), move(12.0, 3)) == []
    assert signs(*usual, change(9.0), move(12.0, 3)) == []


def test_a_pointer_that_goes_to_and_fro_is_erratic_and_one_that_wanders_is_not() -> None:
    to_and_fro = [move(5 + 0.3 * n, 100 if n % 2 else 300) for n in range(8)]
    slowly = [move(5 + 0.9 * n, 100 if n % 2 else 300) for n in range(8)]
    little = [move(5 + 0.3 * n, 100 if n % 2 else 150) for n in range(8)]

    assert signs(*to_and_fro) == [("thrash", 5.3, 6.8, 6)]
    assert signs(*slowly) == []
    assert signs(*little) == []


def test_a_page_scrolled_up_and_down_again_is_a_reversal_and_reading_on_is_not() -> None:
    there_and_back = [scroll(5 + n, 500 if n % 2 else 0) for n in range(5)]
    reading = [scroll(5 + n, 300 * n) for n in range(5)]

    assert signs(*there_and_back) == [("scroll_reversal", 6.0, 8.0, 3)]
    assert signs(*reading) == []


_SHOWS = {
    "hesitation": {"pause"},
    "erratic_cursor": {"thrash"},
    "scroll_reversal": {"scroll_reversal"},
    "repetition": {"rage_click", "repeated_click"},
    "dead_click": {"dead_click"},
    "error": {"error_click"},
}


def test_what_was_planted_in_simulated_recordings_is_found() -> None:
    planted, missed, false = 0, [], []
    for replay in recordings():
        started = replay.events[0][1]["timestamp"]
        events = [
            Event(e["timestamp"], 0 if w == replay.events[0][0] else 1, e["type"], e["data"]) for w, e in replay.events
        ]
        found = signs_of(tracks_of(moves_apart(events), started), Signs())
        planted += len(replay.planted)
        missed += [each for each in replay.planted if not any(shows(sign, each, started) for sign in found)]
        # Pauses are found in those who just read as well: a pause alone is weak evidence.
        clicks = [sign for sign in found if sign.signal in ("rage_click", "dead_click", "error_click")]
        false += [sign for sign in clicks if not any(shows(sign, each, started) for each in replay.planted)]

    assert planted >= 30
    assert len(missed) <= 0.05 * planted
    assert false == []


def shows(sign: Sign, planted: Planted, started_ms: int) -> bool:
    from_s, to_s = (planted.from_ms - started_ms) / 1000, (planted.to_ms - started_ms) / 1000
    return sign.signal in _SHOWS[planted.kind] and sign.from_s <= to_s + 0.5 and sign.to_s >= from_s - 0.5


def moves_apart(events: Sequence[Event]) -> list[Event]:
    """As a recording is read: a move for each position, at its own time."""
    told = []
    for event in events:
        positions = event.data.get("positions")
        for place in positions if isinstance(positions, list) else [None]:
            offset = int(place["timeOffset"]) if isinstance(place, dict) else 0  # type: ignore[arg-type]
            data = event.data if place is None else {**event.data, "positions": [place]}
            told.append(Event(event.at_ms + offset, event.window, event.kind, data))
    return sorted(told, key=lambda event: event.at_ms)


def recordings() -> list[Replay]:
    product, day = SimulatedProduct(seed=11, users=600), date(2026, 3, 3)
    listed = {row["session_id"]: row["end_time"] for row in product.recordings([day]).to_dicts()}
    seen = product.events([day]).filter(
        pl.col("$session_id").is_in(list(listed)) & pl.col("properties").str.contains('"$lib":"web"', literal=True)
    )
    told = seen.with_columns(at_ms=pl.col("timestamp").dt.epoch("ms")).sort("at_ms", pl.col("event") == "$pageview")
    by_session: dict[str, list[Happening]] = {}
    for row in told.to_dicts():
        by_session.setdefault(row["$session_id"], []).append(happening(row))
    ends = {name: round(end.timestamp() * 1000) for name, end in listed.items()}
    return [replay_of(name, those, ends[name], STEPS, FRICTIONS) for name, those in by_session.items()]


def happening(row: dict[str, object]) -> Happening:
    told = json.loads(str(row["properties"]))
    field = str(row["elements_chain"]).partition('attr__name="')[2].partition('"')[0]
    named = {"url": "$current_url", "path": "$pathname", "title": "title", "kind": "$event_type", "text": "$el_text",
             "device": "$device_type", "browser": "$browser"}  # fmt: skip
    return Happening(
        at_ms=int(str(row["at_ms"])), event=str(row["event"]), field=field, distinct_id=str(row["distinct_id"]),
        window=str(row["$window_id"]), **{name: told.get(key, "") for name, key in named.items()},
    )  # fmt: skip
