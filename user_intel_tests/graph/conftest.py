"""Real graph servers: the embedded one of a home of the test run's own, and a Neo4j Community."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from user_intel.graph.connection import Graph, open_graph
from user_intel.settings import Settings


@pytest.fixture(scope="session")
def embedded_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home whose embedded server the whole test run shares."""
    home: Path = tmp_path_factory.mktemp("graph-home")
    return Settings(USER_INTEL_HOME=home, USER_INTEL_GRAPH_IDLE_MINUTES=0.2, _env_file=None)


@pytest.fixture(scope="session")
def embedded_server(embedded_settings: Settings) -> Iterator[Graph]:
    with open_graph(embedded_settings) as graph:
        yield graph


@pytest.fixture
def embedded_graph(embedded_server: Graph) -> Graph:
    """The embedded server, without data and schema."""
    empty(embedded_server)
    return embedded_server


def empty(graph: Graph) -> None:
    """Removes every node, relationship, index and constraint."""
    graph.write("MATCH (n) DETACH DELETE n")
    for row in graph.run("SHOW CONSTRAINTS YIELD name"):
        graph.run(f"DROP CONSTRAINT `{row['name']}`")
    for row in graph.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'"):
        graph.run(f"DROP INDEX `{row['name']}`")
