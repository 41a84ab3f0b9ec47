"""Pain points and insights in the graph: the steps they concern, and who of the day met them, told by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from user_intel.graph.checks import differences
from user_intel.graph.connection import Graph
from user_intel.graph.loading import load_day
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import DAY as DAY_COLUMN
from user_intel.tables import Column, Table
from user_intel_tests.detect.hand_made import DAY, Session, before, new_lake, write_rows
from user_intel_tests.detect.made_pain_points import made
from user_intel_tests.graph.exported import exported
from user_intel_tests.graph.wandering import PRODUCT, write_journeys

BUTTON = 'button "Pay"'
MOBILE, DESKTOP = {"device": "mobile"}, {"device": "desktop"}
# By what they are called here; each is one session of the day.
WALKS = {
    "leaver": Session("/home /cart", "anna", MOBILE),
    "desktop leaver": Session("/item /cart", "bert", DESKTOP),
    "buyer": Session("/home /cart paid", "cleo", MOBILE),
    "circler": Session("/help /item /help /item /help", "dora", DESKTOP),
    "clicker": Session("/home /item", "emil", DESKTOP, signals=[("rage_click", "/home", BUTTON)]),
    "other clicker": Session("/home /item", "emil", DESKTOP, signals=[("rage_click", "/home", "another")]),
    "slow reader": Session("/contact:100 /home", "fred", MOBILE),
    "reader": Session("/contact:14 /home", "gina", MOBILE),
}
FOUND = {
    "leaving": made("drop_off", "/cart"),
    "leaving on mobile": made("drop_off", "/cart", segment="device=mobile", pain_point_id="mobile"),
    "circling": made("loop", "/help", "/item", subject="/help <-> /item", metric="loop_rate"),
    "clicking": made("rage_click", BUTTON, "/home", metric="rage_click_rate"),
    # Slow is from 1.5 times what was expected on.
    "slow": made("slow_step", "/contact", metric="p50_s", value=20.0, expected=10.0),
    "unused": made("underused_feature", "paid", metric="adoption"),
    "vanished": made("anomaly", "event:paid", "paid", metric="event:paid", sessions=0, users=0),
    "fewer": made("anomaly", "sessions", metric="sessions", sessions=0, users=0),
}
CONCERNED = {
    "leaving": ["/cart"], "leaving on mobile": ["/cart"], "circling": ["/help", "/item"], "clicking": ["/home"],
    "slow": ["/contact"], "unused": ["paid"], "vanished": ["paid"], "fewer": [],
}  # fmt: skip
MET = {
    "leaving": ["desktop leaver", "leaver"], "leaving on mobile": ["leaver"], "circling": ["circler"],
    "clicking": ["clicker"], "slow": ["slow reader"],
}  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """The day of those walks, and the pain points found on it and on the day before."""
    made_lake = new_lake(tmp_path, PRODUCT)
    write_journeys(made_lake, DAY, list(WALKS.values()))
    write_journeys(made_lake, before(1), [Session("/home /cart", "anna", MOBILE)])
    for day in (before(1), DAY):
        rows = [{**asdict(each), "day": day, "facts": json.dumps(dict(each.facts))} for each in FOUND.values()]
        write_rows(made_lake, "pain_points", day, rows)
    return made_lake


def test_pain_points_are_linked_to_their_steps_and_to_who_met_them(graph: Graph, lake: Lake) -> None:
    loaded = load_day(lake, PRODUCT, graph, DAY)
    assert (loaded.pain_points, loaded.hits) == (8, 6)
    names = {each.pain_point_id: name for name, each in FOUND.items()}
    concerned: dict[str, list[str]] = {name: [] for name in FOUND}
    for row in graph.read(
        "MATCH (p:PainPoint)-[:CONCERNS {day: $day}]->(s:Step) RETURN p, s.name AS step", {"day": DAY}
    ):
        concerned[names[row["p"]["pain_point_id"]]].append(row["step"])
    assert {name: sorted(steps) for name, steps in concerned.items()} == CONCERNED
    walks = {f"{DAY}-{number}": name for number, name in enumerate(WALKS)}
    met: dict[str, list[str]] = {}
    for row in graph.read("MATCH (s:Session)-[:HIT]->(p:PainPoint) RETURN s.session_id AS id, p.pain_point_id AS p"):
        met.setdefault(names[row["p"]], []).append(walks[row["id"]])
    assert {name: sorted(sessions) for name, sessions in met.items()} == MET
    seen = graph.read(
        "MATCH (:PainPoint {pain_point_id: 'mobile'})-[seen:SEEN]->(:Day {day: $day}) "
        "RETURN seen.priority AS p, seen.sessions AS s, toString(seen.first_day) AS since",
        {"day": DAY},
    )
    assert seen == [{"p": "P1", "s": 120, "since": "2026-03-26"}]
    assert differences(lake, PRODUCT, graph, DAY) == []


def test_what_is_said_of_a_day_goes_with_it_and_comes_back_the_same(embedded_graph: Graph, lake: Lake) -> None:
    load_day(lake, PRODUCT, embedded_graph, before(1))
    alone = exported(embedded_graph)
    load_day(lake, PRODUCT, embedded_graph, DAY)
    both = exported(embedded_graph)
    load_day(lake, PRODUCT, embedded_graph, before(1))
    load_day(lake, PRODUCT, embedded_graph, DAY)
    assert exported(embedded_graph) == both
    assert len(both["pain_points"]) == 2 * len(alone["pain_points"])
    write_rows(lake, "pain_points", DAY, [])
    load_day(lake, PRODUCT, embedded_graph, DAY)
    left = exported(embedded_graph)
    assert (left["pain_points"], left["concerns"]) == (alone["pain_points"], alone["concerns"])


def test_sessions_with_friction_are_those_with_signals_and_those_that_met_pain_points(
    embedded_graph: Graph, lake: Lake
) -> None:
    friction = Product.model_validate({**PRODUCT.model_dump(), "graph": {"chains": "friction"}})
    assert load_day(lake, friction, embedded_graph, DAY).sessions == 6
    assert differences(lake, friction, embedded_graph, DAY) == []


def test_insights_are_linked_where_the_lake_has_them(graph: Graph, lake: Lake, tmp_path: Path) -> None:
    columns = [Column(name, "VARCHAR", name) for name in ("insight_id", "pain_point_id", "title")]
    table = Table(
        name="insights", stage="explain", row="insight", key=("insight_id",), sorted_by=("insight_id",),
        columns=(DAY_COLUMN, *columns),
    )  # fmt: skip
    wiser = Lake(lake.home, {**lake.tables, "insights": table}, threads=1)
    told = [("i1", "mobile", "Phones' carts"), ("i2", FOUND["slow"].pain_point_id, None), ("i3", "unknown", "Nobody")]
    names = ("insight_id", "pain_point_id", "title")
    write_rows(wiser, "insights", DAY, [{"day": DAY, **dict(zip(names, row, strict=True))} for row in told])
    for _ in range(2):
        assert load_day(wiser, PRODUCT, graph, DAY).insights == 2
    found = graph.read("MATCH (i:Insight)-[about:ABOUT]->(p:PainPoint) RETURN i.insight_id AS i, p.pain_point_id AS p, "
                       "about.title AS title, toString(about.day) AS day ORDER BY i")  # fmt: skip
    assert [tuple(row.values()) for row in found] == [
        ("i1", "mobile", "Phones' carts", "2026-03-29"), ("i2", "slow_step /contact", None, "2026-03-29"),
    ]  # fmt: skip
