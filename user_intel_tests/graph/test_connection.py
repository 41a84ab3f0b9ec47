"""The connection: the same calls against both servers, and what is said when a server fails us."""

from user_intel.graph.connection import Graph


def test_what_is_written_is_read_back_with_its_types(graph: Graph) -> None:
    rows = [{"id": 1, "name": "a'\"\n`", "share": 0.5}, {"id": 2, "name": "x" * 4096, "share": None}]
    wrote = graph.write("UNWIND $rows AS row CREATE (t:Thing) SET t = row RETURN count(t) AS things", {"rows": rows})
    assert wrote == [{"things": 2}]
    found = graph.read("MATCH (t:Thing) RETURN t.id AS id, t.name AS name, t.share AS share ORDER BY id")
    assert found == rows


def test_every_test_starts_with_an_empty_graph(graph: Graph) -> None:
    assert graph.read("MATCH (t) RETURN count(t) AS things") == [{"things": 0}]
