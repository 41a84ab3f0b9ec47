"""Days with pain points written down by hand, and a scripted model that knows them: for tests of what it is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from user_intel.detect.pain_points import pain_point_id
from user_intel.detect.wording import PainPoint
from user_intel.explain.claims import InsightDraft
from user_intel.explain.facts import FactTable
from user_intel.explain.insight_facts import facts_of
from user_intel.explain.narrator import narrate
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel_tests.detect.hand_made import write_rows
from user_intel_tests.detect.made_pain_points import DAY, facts, made
from user_intel_tests.llm.played import Request
from user_intel_tests.llm.stand_ins import Move, Says

PRODUCT = Product(flows={"checkout": ["/catalog", "/cart", "/pay", "order_completed"]})
FENCED = re.compile(r"<(facts|knowledge|refused) ([0-9a-f]{12})>\n(.*)\n</\1 \2>")


def a_problem(step: str = "/cart", value: float = 0.412, day: date = DAY, **changed: Any) -> PainPoint:
    """A drop-off with the facts that detect writes: `value` of 600 sessions, 12 % expected, 4,000 active users."""
    hit = round(600 * value)
    first = day - timedelta(days=6)
    numbers = [
        ("value", "exit_rate", value, "share", "sessions at " + step),
        ("expected", "expected exit_rate (own_baseline)", 0.12, "share", "sessions at " + step),
        ("low", "lower end of the 95 % interval", value - 0.04, "share", "sessions at " + step),
        ("high", "upper end of the 95 % interval", value + 0.04, "share", "sessions at " + step),
        ("units", "sessions", 600, "sessions", "sessions at " + step),
        ("sessions_hit", "sessions hit", hit, "sessions", "sessions at " + step),
        ("users_hit", "users hit", hit - 7, "users", "sessions at " + step),
        ("active_users", "active users", 4_000, "users", "all users"),
        ("users_hit_share", "users hit of active users", (hit - 7) / 4_000, "share", "active users"),
        ("lost_conversions", "conversions of checkout lost", 61.4, "conversions", "flow"),
        ("conversions", "conversions of checkout", 277, "conversions", "flow"),
    ]
    told = [
        {
            "id": id_,
            "what": what,
            "value": number,
            "unit": unit,
            "of": of,
            "segment": "all",
            "from": str(first),
            "to": str(day),
        }
        for id_, what, number, unit, of in numbers
    ]
    known = {
        "day": day, "value": value, "low": value - 0.04, "high": value + 0.04, "sessions": hit, "users": hit - 7,
        "flow": "checkout", "lost_conversions": 61.4, "severity": round(100 * value, 1), "facts": facts(numbers=told),
        "pain_point_id": pain_point_id("drop_off", step, step, "all"), "first_day": first, "last_day": day,
        "days_seen": 7,
    }  # fmt: skip
    return made("drop_off", step, **{**known, **changed})


def problems(count: int) -> list[PainPoint]:
    """So many drop-offs at different steps, the worst first."""
    return [a_problem(f"/{_word(number)}", 0.9 - number / 100) for number in range(count)]


def _word(number: int) -> str:
    return "step-" + "abcdefghij"[number // 10] + "abcdefghij"[number % 10]


def write_pain_points(lake: Lake, found: Sequence[PainPoint], day: date = DAY) -> None:
    """A day's pain points, as detect stores them."""
    rows = [{**asdict(each), "facts": json.dumps(each.facts)} for each in found]
    write_rows(lake, "pain_points", day, rows)


@dataclass
class Author:
    """A model that knows the day's problems: it finds out which one it is asked about by the facts it is shown.

    `manner` makes of the true draft what it answers; the number tells how often it was asked about this problem.
    """

    lake: Lake
    found: Sequence[PainPoint]
    manner: Callable[[InsightDraft, int], InsightDraft | Move] = lambda draft, _: draft
    product: Product = PRODUCT
    asked: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tables = [(problem, facts_of(problem, self.lake, self.product)) for problem in self.found]

    def __call__(self, request: Request) -> Move:
        problem, table = self.meant(request)
        times = self.asked[problem.pain_point_id] = self.asked.get(problem.pain_point_id, 0) + 1
        said = self.manner(well_put(narrate(problem, table)), times)
        return Says(said.model_dump_json()) if isinstance(said, InsightDraft) else said

    def meant(self, request: Request) -> tuple[PainPoint, FactTable]:
        """The problem whose facts and names hold all that the request shows."""
        facts = facts_shown(request)
        shown = {(row[0], row[2]) for group in facts["facts"] for row in group["rows"]}
        names = {name.split(" = ")[0] for kind in facts["names"].values() for name in kind}
        for problem, table in self._tables:
            known = {(fact.id, fact.say) for fact in table.facts}
            if shown <= known and names <= {each.name for each in table.entities}:
                return problem, table
        raise AssertionError("asked about a problem that nobody knows")


def well_put(draft: InsightDraft) -> InsightDraft:
    """The same in a model's own words, as far as one can tell it from the narrator."""
    return draft.model_copy(update={"recommendation": draft.recommendation + " Ask the design team for a sketch."})


def parts(request: Request) -> tuple[str, str]:
    """System and user text of a request to an OpenAI-compatible server."""
    system, user = (message["content"] for message in request.body["messages"])
    return system, user


def fenced(request: Request) -> dict[str, Any]:
    """What stands in the fences of a request, by their names."""
    return {name: json.loads(data) for name, _, data in FENCED.findall(parts(request)[1])}


def facts_shown(request: Request) -> dict[str, Any]:
    """The facts of a request about one text."""
    found: dict[str, Any] = fenced(request)["facts"]
    return found
