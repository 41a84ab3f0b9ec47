"""A day in the graph is what the lake holds of it: by hand, again and again, killed, pruned, strange, side by side."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from user_intel import files
from user_intel.errors import GraphAway, GraphError, UserIntelError
from user_intel.graph import claims, day_rows
from user_intel.graph.checks import differences
from user_intel.graph.claims import writing
from user_intel.graph.connection import Graph, open_graph
from user_intel.graph.loading import load_day, load_days
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.settings import Settings
from user_intel_tests.detect.hand_made import DAY, Session, before, new_lake, rows, write_rows
from user_intel_tests.graph.exported import exported
from user_intel_tests.graph.test_embedded import processes
from user_intel_tests.graph.test_embedded import settings as own_server
from user_intel_tests.graph.wandering import DAYS, PRODUCT, wandering_lake, write_journeys
from user_intel_tests.neo4j_server import Neo4j

THREE = DAYS[-3:]


def chains(product: Product = PRODUCT, **choices: object) -> Product:
    """The product with other choices under `graph:`."""
    return Product.model_validate({**product.model_dump(), "graph": choices})


def count(graph: Graph, pattern: str) -> int:
    return int(graph.read(f"MATCH {pattern} RETURN count(*) AS found")[0]["found"])


def sound(lake: Lake, graph: Graph, *days: date, product: Product = PRODUCT) -> None:
    assert {day: [str(each) for each in differences(lake, product, graph, day)] for day in days} == {
        day: [] for day in days
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Six days of people wandering; tests only read it."""
    return wandering_lake(tmp_path_factory.mktemp("lake"))


def test_a_day_worked_by_hand(graph: Graph, tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    walks = [
        Session("/home:5 /item:20 /home:1.5 paid", "anna", {"device": "mobile", "plan": None}),
        Session("/home", "bert", {"device": "desktop", "plan": "pro"}, hour=8),
        Session("", "anna", {"device": "mobile"}),
    ]
    write_journeys(lake, DAY, walks)
    loaded = load_day(lake, PRODUCT, graph, DAY)
    assert (loaded.sessions, loaded.users, loaded.visits, loaded.steps, loaded.transitions) == (3, 2, 5, 3, 3)
    assert loaded.depth == "every session: 3 of 3 sessions"

    visits = graph.read(
        "MATCH (u:User)-[:HAD]->(s:Session)-[:FIRST]->(h:Event) MATCH (h)-[:NEXT*0..]->(e:Event)-[:AT]->(p:Step) "
        "RETURN u.user_id AS u, e.position AS position, p.name AS p, e.step AS step, e.nth AS nth, e.dwell_s AS s,"
        " e.at.epochMillis AS at ORDER BY u, position"
    )
    noon = 1774785600000  # 2026-03-29 12:00 UTC
    assert [tuple(row.values()) for row in visits] == [
        ("anna", 1, "/home", "/home", 1, 5.0, noon),
        ("anna", 2, "/item", "/item", 1, 20.0, noon + 5_000),
        ("anna", 3, "/home", "/home", 2, 1.5, noon + 25_000),
        ("anna", 4, "paid", "paid", 1, None, noon + 26_500),
        ("bert", 1, "/home", "/home", 1, None, noon - 4 * 3_600_000),
    ]
    sessions = graph.read(
        "MATCH (s:Session) RETURN s.session_id AS id, s.step_count AS steps, s.entry_step AS entry, s.exit_step AS exit"
        ", s.goals AS goals, s.segments AS segments, toString(s.day) AS day ORDER BY id"
    )
    assert [tuple(row.values()) for row in sessions] == [
        (f"{DAY}-0", 4, "/home", "paid", ["purchase"], ["all", "device=mobile"], "2026-03-29"),
        (f"{DAY}-1", 1, "/home", "/home", [], ["all", "device=desktop", "plan=pro"], "2026-03-29"),
        (f"{DAY}-2", 0, None, None, [], ["all", "device=mobile"], "2026-03-29"),
    ]
    home = graph.read("MATCH (:Step {name: '/home'})-[:ON]->(d:StepDay {day: $day}) RETURN d", {"day": DAY})[0]["d"]
    assert {name: home[name] for name in ("visits", "sessions", "users", "entries", "exits")} == {
        "visits": 3, "sessions": 2, "users": 2, "entries": 2, "exits": 1,
    }  # fmt: skip
    assert home["segments"] == ["all", "device=desktop", "device=mobile", "plan=pro"]
    assert (home["segment_sessions"], home["segment_users"]) == ([2, 1, 1, 1], [2, 1, 1, 1])
    ways = graph.read(
        "MATCH (a:StepDay)-[t:TRANSITION]->(b:StepDay) "
        "RETURN a.step AS a, b.step AS b, t.sessions AS s, t.users AS u, t.count AS c, t.median_gap_s AS gap_s "
        "ORDER BY a, b"
    )
    assert [tuple(row.values()) for row in ways] == [
        ("/home", "/item", 1, 1, 1, 5.0), ("/home", "paid", 1, 1, 1, 1.5), ("/item", "/home", 1, 1, 1, 20.0),
    ]  # fmt: skip
    assert count(graph, "(:Step)-[:FLOW]->(:Step)") == 3
    sound(lake, graph, DAY)


def test_days_loaded_again_or_in_another_order_are_the_same_graph(graph: Graph, lake: Lake) -> None:
    load_days(lake, PRODUCT, graph, THREE)
    once = exported(graph)
    for day in (THREE[1], THREE[2], THREE[0]):
        load_day(lake, PRODUCT, graph, day)
    assert exported(graph) == once
    sound(lake, graph, *THREE)
    flow = (
        "MATCH (:Step {name: '/home'})-[f:FLOW]->(:Step {name: '/item'}) RETURN f.sessions AS sessions, f.days AS days"
    )
    by_day = "MATCH (:StepDay {step: '/home'})-[t:TRANSITION]->(:StepDay {step: '/item'}) RETURN t.sessions AS sessions"
    assert graph.read(flow)[0] == {"sessions": sum(row["sessions"] for row in graph.read(by_day)), "days": 3}


@pytest.mark.parametrize("server", ["embedded", "neo4j"])
def test_a_load_killed_at_any_moment_and_run_again_leaves_the_same_graph(
    server: str, request: pytest.FixtureRequest, lake: Lake, tmp_path: Path
) -> None:
    graph: Graph = request.getfixturevalue(f"{server}_graph")
    uri, home = "", tmp_path
    if server == "neo4j":
        running: Neo4j = request.getfixturevalue("neo4j_server")
        uri = running.uri
    else:
        settings: Settings = request.getfixturevalue("embedded_settings")
        home = settings.home
    command = [sys.executable, "-m", "user_intel_tests.graph.loads_days", str(lake.home), str(home), uri]
    days = THREE[:2]
    load_days(lake, PRODUCT, graph, days)
    whole = exported(graph)
    dice = random.Random(11)
    seconds = 2.0
    interrupted = 0
    # A kill may come before the first change or after the last; it is tried until two came in between.
    for _ in range(25):
        child = subprocess.Popen([*command, *map(str, days)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "begins\n"
        begun = time.monotonic()
        try:
            child.wait(dice.uniform(0.05, seconds))
            seconds = time.monotonic() - begun
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        child.stdout.close()
        # Either nothing was touched yet, or whoever asks is told that a day is not whole.
        interrupted += any(row["state"] != "loaded" for row in graph.read(files.cypher("load/days")))
        if interrupted == 2:
            break
    assert interrupted == 2
    load_days(lake, PRODUCT, graph, days)
    assert exported(graph) == whole


def test_a_load_survives_its_server_or_is_mended_by_the_next(
    embedded_graph: Graph, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_days(lake, PRODUCT, embedded_graph, THREE)
    whole = exported(embedded_graph)
    monkeypatch.setattr(day_rows, "BATCH", 10)
    with open_graph(own_server(tmp_path, idle_s=10)) as graph:
        # Once there is a session, the first day is being loaded.
        killer = threading.Thread(target=_kill_the_server_when, args=(tmp_path, graph, "(:Session)"))
        killer.start()
        with suppress(GraphAway):
            load_days(lake, PRODUCT, graph, THREE)
        killer.join()
        load_days(lake, PRODUCT, graph, THREE)
        assert exported(graph) == whole


def _kill_the_server_when(home: Path, graph: Graph, pattern: str) -> None:
    process = processes(home)[1]
    while not count(graph, pattern):
        time.sleep(0.01)
    os.kill(process, signal.SIGKILL)


def test_chains_leave_with_the_window_and_what_is_counted_stays(graph: Graph, lake: Lake) -> None:
    short = chains(window_days=2)
    load_days(lake, short, graph, DAYS[:1])
    assert count(graph, "(:Session)") == 40
    # A run that was killed while it pruned left some of the chains.
    graph.write("MATCH (d:Day) SET d.chains = 'pruning'")
    graph.write("MATCH (s:Session) WITH s LIMIT 10 OPTIONAL MATCH (s)-[:FIRST]->()-[:NEXT*0..]->(e) DETACH DELETE e, s")
    loaded = load_day(lake, short, graph, DAYS[1])
    assert list(loaded.pruned_days) == [DAYS[0]]
    later = load_days(lake, short, graph, DAYS[2:])
    assert [list(each.pruned_days) for each in later] == [[DAYS[1]], []]
    held = graph.read("MATCH (s:Session) RETURN DISTINCT s.day AS day ORDER BY day")
    assert [row["day"].to_native() for row in held] == DAYS[-2:]
    assert count(graph, "(u:User) WHERE NOT (u)-[:HAD]->()") == 0
    assert count(graph, "(:Event)") == sum(each.visits for each in later[-2:])
    days = graph.read("MATCH (d:StepDay) RETURN DISTINCT d.day AS day ORDER BY day")
    assert [row["day"].to_native() for row in days] == DAYS
    sound(lake, graph, *DAYS, product=short)
    loaded = load_day(lake, short, graph, DAYS[0])
    assert loaded.depth == "no chains, for the day is older than the window: 0 of 40 sessions"
    sound(lake, graph, *DAYS, product=short)


def test_the_depth_of_chains_is_chosen_and_stated(embedded_graph: Graph, tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    walks = [Session("/home /item", f"user {number}") for number in range(60)]
    walks[7] = Session("/home /item", "angry", signals=[("rage_click", "/home", "button")])
    write_journeys(lake, DAY, walks)
    sample = load_day(lake, chains(chains="sample", sample_share=0.25), embedded_graph, DAY)
    drawn = embedded_graph.read("MATCH (s:Session) RETURN s.bucket AS bucket")
    assert 0 < len(drawn) == sample.sessions < 40
    assert all(row["bucket"] < 250 for row in drawn)
    assert sample.depth == f"a sample of 25.0% of sessions by their id: {sample.sessions} of 60 sessions"
    sound(lake, embedded_graph, DAY)
    friction = load_day(lake, chains(chains="friction"), embedded_graph, DAY)
    assert friction.depth == "sessions that met friction only: 1 of 60 sessions"
    assert embedded_graph.read("MATCH (u:User) RETURN u.user_id AS u") == [{"u": "angry"}]
    assert count(embedded_graph, "(d:StepDay {step: '/home', visits: 60})") == 1
    sound(lake, embedded_graph, DAY)


def test_a_day_without_sessions_is_whole_and_empty(graph: Graph, tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    write_journeys(lake, DAY, [])
    for day in (DAY, before(1)):  # tables without rows, and no tables at all
        loaded = load_day(lake, PRODUCT, graph, day)
        assert (loaded.sessions, loaded.visits, loaded.steps, loaded.transitions) == (0, 0, 0, 0)
        sound(lake, graph, day)
    assert count(graph, "(n) WHERE NOT n:Day AND NOT n:Writer") == 0


def test_strange_names_come_back_as_they_were(graph: Graph, tmp_path: Path) -> None:
    names = ["it's", '"q"', "a\nb\tc", "\\u0041", "$x{`}", "línea 🦆 東", "é", "e\u0301", " ", "x" * 4096, "y" * 20_000]
    lake = new_lake(tmp_path, Product())
    write_journeys(lake, DAY, [Session("start end", "o'hara\n")])
    _rename(lake, names)
    load_day(lake, Product(), graph, DAY)
    found = graph.read(
        "MATCH (:Session)-[:FIRST]->(h:Event) MATCH (h)-[:NEXT*0..]->(e)-[:AT]->(p) RETURN p.name AS name"
    )
    told = [row["name"] for row in found]
    assert told[:-1] == names[:-1]
    assert told[-1].startswith("y" * 1000 + "…")
    assert len(told[-1]) == 1033
    assert count(graph, "(:StepDay)-[:TRANSITION]->(:StepDay)") == len(names) - 1
    sound(lake, graph, DAY, product=Product())


def _rename(lake: Lake, names: list[str]) -> None:
    visit, session = rows(lake, "steps", DAY)[0], rows(lake, "sessions", DAY)[0]
    following = [*names[1:], None]
    visits = [
        {**visit, "position": place + 1, "step": name, "next_step": following[place]}
        for place, name in enumerate(names)
    ]
    write_rows(lake, "steps", DAY, visits)
    ends = {"step_count": len(names), "entry_step": names[0], "exit_step": names[-1]}
    write_rows(lake, "sessions", DAY, [{**session, **ends}])
    pairs = [{"day": DAY, "from_step": a, "to_step": b} for a, b in pairwise(names)]
    write_rows(
        lake, "transitions", DAY, [{**p, "sessions": 1, "users": 1, "count": 1, "median_gap_s": 1.0} for p in pairs]
    )


def test_sessions_that_late_events_moved_to_another_day_are_there_once(embedded_graph: Graph, tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    write_journeys(lake, DAY, [Session("/home /item", "anna")])
    load_day(lake, PRODUCT, embedded_graph, DAY)
    yesterday = before(1)
    for table in ("sessions", "steps", "transitions"):
        write_rows(lake, table, yesterday, [{**row, "day": yesterday} for row in rows(lake, table, DAY)])
    write_journeys(lake, DAY, [])
    load_days(lake, PRODUCT, embedded_graph, [yesterday])
    assert count(embedded_graph, "(:User)-[:HAD]->(:Session)") == 1
    load_days(lake, PRODUCT, embedded_graph, [DAY])
    sound(lake, embedded_graph, yesterday, DAY)


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("MATCH (:Event {position: 1})-[n:NEXT]->() WITH n LIMIT 1 DELETE n", "visits"),
        ("MATCH (u:User) WITH u LIMIT 1 DETACH DELETE u", "users"),
        ("MATCH ()-[t:TRANSITION]->() WITH t LIMIT 1 SET t.count = t.count + 1", "transition_count"),
        ("MATCH (d:StepDay) WITH d LIMIT 1 DETACH DELETE d", "steps"),
        ("MATCH (d:Day) SET d.state = 'loading'", "state"),
    ],
)
def test_the_check_sees_tampering(embedded_graph: Graph, lake: Lake, tampering: str, told: str) -> None:
    load_day(lake, PRODUCT, embedded_graph, DAY)
    sound(lake, embedded_graph, DAY)
    embedded_graph.write(tampering)
    assert told in {each.what for each in differences(lake, PRODUCT, embedded_graph, DAY)}


def test_runs_at_the_same_time_wait_for_each_other(graph: Graph, lake: Lake) -> None:
    load_days(lake, PRODUCT, graph, THREE[1:])
    whole = exported(graph)
    faults: list[UserIntelError] = []

    def load(day: date) -> None:
        try:
            load_day(lake, PRODUCT, graph, day)
        except UserIntelError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=load, args=(day,)) for day in (THREE[1], THREE[2], THREE[2])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert exported(graph) == whole


def test_a_run_that_waits_too_long_says_so(embedded_graph: Graph, lake: Lake) -> None:
    with writing(lake.home, embedded_graph), pytest.raises(GraphAway, match="Another process has been writing"):
        load_day(lake, PRODUCT, embedded_graph, DAY, wait_s=0.1)
    assert load_day(lake, PRODUCT, embedded_graph, DAY).sessions == 40


def test_another_deployment_on_the_same_graph_is_waited_for_until_it_is_dead(
    graph: Graph, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_LOOK_AGAIN_S", 0.05)
    with writing(tmp_path, graph) as other:
        with pytest.raises(GraphAway, match="Another process"):
            load_day(lake, PRODUCT, graph, DAY, wait_s=0.2)
        monkeypatch.setattr(claims, "_SILENT_S", 0.0)
        assert load_day(lake, PRODUCT, graph, DAY).sessions == 40
        # It was only slow: what it still wants to write does not come to be.
        with pytest.raises(GraphError, match="took over"):
            other.write("load/steps", names=["/ghost"])
    assert count(graph, "(:Step {name: '/ghost'})") == 0
    sound(lake, graph, DAY)


def test_a_window_forgets_ways_that_nobody_walks_any_more(embedded_graph: Graph, tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    days = [DAY - timedelta(days=back) for back in (3, 1, 0)]
    for day, walk in zip(days, ("/home /old", "/home /item", "/home /item"), strict=True):
        write_journeys(lake, day, [Session(walk, f"user of {day}")])
    load_days(lake, chains(window_days=2), embedded_graph, days)
    flows = embedded_graph.read("MATCH (a)-[f:FLOW]->(b) RETURN b.name AS name, f.sessions AS sessions, f.days AS days")
    assert flows == [{"name": "/item", "sessions": 2, "days": 2}]
    assert count(embedded_graph, "(:StepDay)-[:TRANSITION]->(:StepDay {step: '/old'})") == 1
