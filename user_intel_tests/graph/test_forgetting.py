"""Whoever is forgotten leaves the graph, and the counts of their days with them; everybody else stays as they were."""

from __future__ import annotations

from pathlib import Path

from user_intel.forget import Forgotten, forget
from user_intel.graph.checks import differences
from user_intel.graph.connection import Graph, has_graph
from user_intel.graph.loading import load_days
from user_intel.privacy import pseudonym
from user_intel.settings import Settings
from user_intel_tests.detect.hand_made import DAY, Session, before, new_lake
from user_intel_tests.graph.exported import exported
from user_intel_tests.graph.wandering import PRODUCT, write_journeys

SALT = b"a salt of the tests, long enough"
ANNA, BERT = pseudonym("anna", SALT), pseudonym("bert", SALT)


def test_a_person_is_gone_from_the_graph_as_if_they_had_never_been(graph: Graph, tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    theirs, others = Session("/home /item paid", ANNA), Session("/home /item", BERT)
    write_journeys(lake, before(1), [others])
    write_journeys(lake, DAY, [others])
    load_days(lake, PRODUCT, graph, [before(1), DAY])
    without = exported(graph)
    write_journeys(lake, DAY, [others, theirs, theirs])
    load_days(lake, PRODUCT, graph, [DAY])
    assert ANNA in str(exported(graph))
    untouched = graph.read("MATCH (d:StepDay {day: $day}) RETURN elementId(d) AS id ORDER BY id", {"day": before(1)})

    assert forget("anna", lake, SALT, graph=graph).rows["journey_graph"] == 2
    assert exported(graph) == without
    assert differences(lake, PRODUCT, graph, DAY) == []
    assert untouched == graph.read(
        "MATCH (d:StepDay {day: $day}) RETURN elementId(d) AS id ORDER BY id", {"day": before(1)}
    )
    assert forget("anna", lake, SALT, graph=graph) == Forgotten({}, 0)


def test_days_of_which_the_graph_holds_no_chains_are_counted_anew_too(embedded_graph: Graph, tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    for back in (40, 0):
        write_journeys(lake, before(back), [Session("/home /item", ANNA), Session("/home /item", BERT)])
    load_days(lake, PRODUCT, embedded_graph, [before(40), DAY])
    assert forget("anna", lake, SALT, graph=embedded_graph).rows["journey_graph"] == 1
    counted = embedded_graph.read("MATCH (d:StepDay {step: '/home'}) RETURN d.users AS users")
    assert counted == [{"users": 1}, {"users": 1}]
    for day in (before(40), DAY):
        assert differences(lake, PRODUCT, embedded_graph, day) == []


def test_a_graph_is_asked_only_where_one_was_used(tmp_path: Path) -> None:
    home = Settings(USER_INTEL_HOME=tmp_path, _env_file=None)
    assert not has_graph(home)
    (tmp_path / "graph" / "databases").mkdir(parents=True)
    assert has_graph(home)
    assert has_graph(Settings(NEO4J_URI="bolt://x", NEO4J_USER="u", NEO4J_PASSWORD="p", _env_file=None))
