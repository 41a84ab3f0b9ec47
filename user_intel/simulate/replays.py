"""What a recording of a simulated session holds: rrweb events made from the session's own events, always the same.

Every click among PostHog's events is a click of the recording, at that place and moment; forms are typed into; what
reacted changes the page and what did not leaves it alone. Where a friction stood in the way, people are seen to
struggle: they hesitate, their cursor goes to and fro, they scroll back and forth. `planted` says where, to compare
findings with.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from user_intel.simulate.screens import Place, Screen
from user_intel.simulate.site import Friction, Step

RrwebEvent = dict[str, Any]
Struggle = Literal["hesitation", "erratic_cursor", "scroll_reversal", "repetition", "dead_click", "error"]

# Of rrweb: kinds of events, and sources of incremental ones.
_FULL, _INCREMENTAL, _META, _CUSTOM, _PLUGIN = 2, 3, 4, 5, 6
_MOVE, _MOUSE, _SCROLL, _INPUT = 1, 2, 3, 5
_UP, _DOWN, _CLICK, _FOCUS = 0, 1, 2, 5
# Longer than this after the last deed, people look elsewhere and nothing moves.
_ATTENTION_MS = 30_000
_REACTION_MS = 220
_TYPED = {
    "full_name": "Ada Lovelace", "street": "12 Analytical Row", "city": "London", "phone": "+44 20 7946 0958",
    "card_number": "4111 1111 1111 1111", "card_expiry": "12/29", "card_cvc": "737", "password": "correct-horse-42",
    "message": "Please call me on +1 415 555 0134", "workspace_name": "Analytical Engines",
}  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """One event of a session's browser, as PostHog holds it."""

    at_ms: int
    event: str
    url: str
    path: str
    title: str
    kind: str
    text: str
    device: str
    browser: str
    field: str
    distinct_id: str
    window: str


@dataclass(frozen=True)
class Planted:
    """A struggle that can be seen in a recording, in milliseconds since 1970."""

    kind: Struggle
    from_ms: int
    to_ms: int
    path: str


@dataclass
class Replay:
    """A recording: rrweb events in order, each with its window."""

    events: list[tuple[str, RrwebEvent]] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)


def replay_of(
    session_id: str,
    happenings: Sequence[Happening],
    end_ms: int,
    steps: Sequence[Step] = (),
    frictions: Sequence[Friction] = (),
) -> Replay:
    """The recording of a session that ends at `end_ms`; `happenings` in order of time."""
    known = {step.name: step for step in steps}
    recorder = _Recorder(random.Random(session_id), known, frictions)
    pages = list(_pages(happenings))
    for number, page in enumerate(pages):
        until = pages[number + 1][0].at_ms if number + 1 < len(pages) else end_ms
        recorder.visit(page, until, last=number + 1 == len(pages))
    if pages:
        recorder.add(end_ms, _CUSTOM, {"tag": "$session_ending", "payload": {}})
    recorder.replay.events.sort(key=lambda each: each[1]["timestamp"])
    return recorder.replay


def _pages(happenings: Sequence[Happening]) -> Iterator[list[Happening]]:
    """The happenings page by page, each beginning with its view; what comes before the first view is on no page."""
    page: list[Happening] = []
    for each in happenings:
        if each.event == "$pageview":
            if page:
                yield page
            page = [each]
        elif page:
            page.append(each)
    if page:
        yield page


class _Recorder:
    """Watches one session, page by page."""

    def __init__(self, dice: random.Random, steps: dict[str, Step], frictions: Sequence[Friction]) -> None:
        self.replay = Replay()
        self._dice, self._steps, self._frictions = dice, steps, frictions
        self._window, self._next_id = "", 1
        self._cursor, self._until_ms = (600.0, 300.0), 0
        self._screen = Screen("", "", "", "", (), ())

    def add(self, at_ms: int, type_: int, data: dict[str, Any]) -> None:
        """Notes one rrweb event in the window looked at."""
        self.replay.events.append((self._window, {"type": type_, "data": data, "timestamp": int(at_ms)}))

    def visit(self, page: Sequence[Happening], until_ms: int, *, last: bool) -> None:
        """Everything that is seen of one page."""
        view = page[0]
        # Documentation is read in a tab of its own: recordings have several windows.
        self._window = f"{view.window}-docs" if view.path.startswith("/docs") else view.window
        self._until_ms = until_ms
        friction = self._friction(view, last=last)
        self._load(view, page)
        busy = [each for each in page[1:] if each.at_ms <= until_ms]
        moment = view.at_ms + 200
        for each in busy:
            self._wander(moment, each.at_ms)
            moment = max(moment, self._do(each, busy, moment))
        if friction:
            moment = self._struggle(max(moment, view.at_ms + 400), until_ms, view.path)
        self._wander(moment, until_ms)

    def _load(self, view: Happening, page: Sequence[Happening]) -> None:
        step = self._steps.get(view.path) or next((s for n, s in self._steps.items() if _is_of(view.path, n)), None)
        clicked = [each.text for each in page if each.kind == "click" and each.text]
        fields = step.fields if step else ()
        submit = ("Submit",) if fields else ()
        buttons = tuple(dict.fromkeys([*(step.elements if step else ()), *clicked, *submit]))
        self._screen = Screen(
            view.url, view.title or view.path, f"Signed in as {view.distinct_id}@example.com", view.device, buttons,
            fields, self._next_id,
        )  # fmt: skip
        self.add(view.at_ms, _META, self._screen.meta())
        self.add(view.at_ms + 1, _FULL, self._screen.snapshot())
        self.add(view.at_ms + 2, _CUSTOM, {"tag": "$pageview", "payload": {"href": view.url}})
        self._next_id = self._screen.last_id + 1_000
        width, height = self._screen.size
        self._cursor = (min(self._cursor[0], width - 10.0), min(self._cursor[1], height - 10.0))

    def _do(self, each: Happening, others: Sequence[Happening], since_ms: int) -> int:
        """What is seen of one happening; when it is over."""
        if each.kind == "click" and each.event == "$autocapture":
            return self._click(each, others)
        if each.kind == "change":
            return self._type(each, since_ms)
        if each.kind == "submit":
            return self._press(self._screen.places.get("Submit"), each.at_ms, "Saved")
        if each.event == "$exception":
            self._fail(each.at_ms)
        elif not each.event.startswith("$") and each.event != "heartbeat":
            self._tell(each.at_ms + _REACTION_MS, each.event.replace("_", " ").capitalize())
        return each.at_ms

    def _click(self, click: Happening, others: Sequence[Happening]) -> int:
        near = [o for o in others if o.text == click.text and 0 <= o.at_ms - click.at_ms <= 3_000]
        raged = any(o.event == "$rageclick" and o.at_ms - click.at_ms <= 1_000 for o in near)
        dead = any(o.event == "$dead_click" for o in near)
        failed = any(o.event == "$exception" and 0 <= o.at_ms - click.at_ms <= 1_000 for o in others)
        if raged or dead or failed:
            kind: Struggle = "repetition" if raged else "dead_click" if dead else "error"
            self.replay.planted.append(Planted(kind, click.at_ms, click.at_ms + 1_000, click.path))
        return self._press(self._screen.places.get(click.text), click.at_ms, "" if raged or dead or failed else "Done")

    def _press(self, place: Place | None, at_ms: int, answer: str) -> int:
        if place is None:
            return at_ms
        x, y = place.centre
        self._move_to(x, y, at_ms - 40)
        for type_, offset in ((_DOWN, -30), (_UP, -5), (_CLICK, 0)):
            told = {"source": _MOUSE, "type": type_, "id": place.node, "x": x, "y": y, "pointerType": 0}
            self.add(at_ms + offset, _INCREMENTAL, told)
        if answer:
            self._tell(at_ms + _REACTION_MS, answer)
        return at_ms + _REACTION_MS

    def _type(self, change: Happening, since_ms: int) -> int:
        """A field is clicked, and its text typed letter by letter until it is left; half of the products mask it."""
        place = self._screen.places.get(change.field)
        if place is None:
            return change.at_ms
        text = _TYPED.get(change.field, f"{change.distinct_id}@example.com")
        shown = text if self._dice.random() < 0.5 else "*" * len(text)
        pace = min(140, max(1, (change.at_ms - since_ms - 200) // len(text)))
        began = change.at_ms - pace * len(text)
        self._press(place, began - 100, "")
        self.add(began - 60, _INCREMENTAL, {"source": _MOUSE, "type": _FOCUS, "id": place.node})
        for count in range(1, len(text) + 1):
            told = {
                "source": _INPUT,
                "id": place.node,
                "text": shown[:count],
                "isChecked": False,
                "userTriggered": True,
            }
            self.add(began + pace * count, _INCREMENTAL, told)
        return change.at_ms

    def _fail(self, at_ms: int) -> None:
        payload = {"level": "error", "payload": ['"TypeError: reply is undefined"'], "trace": []}
        self.add(at_ms, _PLUGIN, {"plugin": "rrweb/console@1", "payload": payload})
        self._tell(at_ms + 60, "Something went wrong", failed=True)

    def _tell(self, at_ms: int, text: str, *, failed: bool = False) -> None:
        node, shown = self._screen.toast(text, failed=failed)
        # What comes after the page is left is never seen.
        for moment, change in ((at_ms, shown), (at_ms + 2_500, self._screen.without(node))):
            if moment < self._until_ms:
                self.add(moment, _INCREMENTAL, change)
        self._next_id = max(self._next_id, self._screen.last_id + 1_000)

    def _struggle(self, from_ms: int, until_ms: int, path: str) -> int:
        """Nothing for some seconds, then the cursor goes to and fro, then the page does; as far as there is time."""
        if until_ms - from_ms < 16_000:
            return from_ms
        thrash, scroll = from_ms + 8_000, from_ms + 11_000
        self.replay.planted += [
            Planted("hesitation", from_ms, thrash, path),
            Planted("erratic_cursor", thrash, thrash + 2_400, path),
            Planted("scroll_reversal", scroll, scroll + 3_600, path),
        ]
        x, y = self._cursor
        # The last that moves before nothing does.
        self._move_to(x + 4, y + 4, from_ms)
        for number in range(16):
            side = 140 if number % 2 else -140
            self._move_to(
                max(20, min(x + side, self._screen.size[0] - 20)), y + 12 * (number % 3), thrash + 150 * number
            )
        body = self._screen.document["id"]
        for number in range(10):
            told = {"source": _SCROLL, "id": body, "x": 0, "y": 500 if number % 2 == 0 else 60}
            self.add(scroll + 400 * number, _INCREMENTAL, told)
        self.add(scroll + 4_000, _INCREMENTAL, {"source": _SCROLL, "id": body, "x": 0, "y": 0})
        return scroll + 4_000

    def _wander(self, from_ms: int, until_ms: int) -> None:
        """Small movements while somebody looks at the page."""
        moment = from_ms + self._dice.randint(900, 2_600)
        while moment < min(until_ms - 1_200, from_ms + _ATTENTION_MS):
            width, height = self._screen.size
            x = min(max(self._cursor[0] + self._dice.gauss(0, 60), 5), width - 5)
            y = min(max(self._cursor[1] + self._dice.gauss(0, 40), 5), height - 5)
            self._move_to(x, y, moment)
            moment += self._dice.randint(900, 2_600)

    def _move_to(self, x: float, y: float, at_ms: int) -> None:
        """The cursor's way to a place within a fifth of a second, in one event as rrweb sends it."""
        body = self._screen.places["body"].node
        (from_x, from_y), positions = self._cursor, []
        for number in range(1, 5):
            share = number / 4
            place = {"x": round(from_x + share * (x - from_x)), "y": round(from_y + share * (y - from_y))}
            positions.append({**place, "id": body, "timeOffset": -50 * (4 - number)})
        self.add(at_ms, _INCREMENTAL, {"source": _MOVE, "positions": positions})
        self._cursor = (x, y)

    def _friction(self, view: Happening, *, last: bool) -> Friction | None:
        """What stood in the way of somebody who came here, if anything: it made them leave or took their time."""
        told = {"device_type": view.device.lower(), "browser": view.browser}
        for each in self._frictions:
            met = each.segment is None or told.get(each.segment[0]) == each.segment[1]
            if met and _is_of(view.path, each.step) and ((each.leave and last) or each.slower > 1):
                return each
        return None


def _is_of(path: str, step: str) -> bool:
    """Whether a path is an instance of a step such as /item/:id."""
    return re.fullmatch(re.sub(r":\w+", "[^/]+", re.escape(step).replace(r"\:", ":")), path) is not None
