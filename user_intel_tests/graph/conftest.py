"""Real graph servers: the embedded one of a home of the test run's own, and a Neo4j Community."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from user_intel.graph.connection import Graph, open_graph
from user_intel.settings import Settings
from user_intel_tests import neo4j_server as neo4j_servers
from user_intel_tests.neo4j_server import Neo4j


@pytest.fixture(scope="session")
def embedded_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home whose embedded server the whole test run shares."""
    home: Path = tmp_path_factory.mktemp("graph-home")
    return Settings(USER_INTEL_HOME=home, USER_INTEL_GRAPH_IDLE_MINUTES=0.2, _env_file=None)


@pytest.fixture(scope="session")
def _open_embedded(embedded_settings: Settings) -> Iterator[Graph]:
    with open_graph(embedded_settings) as graph:
        yield graph


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Neo4j]:
    """A Neo4j Community that the whole test run shares. Skips where it is not installed, but never with CI=true."""
    java = neo4j_servers.programs()
    if java is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Neo4j or Java 17 is not here: deploy/test-services.sh should have fetched them")
        pytest.skip("Neo4j or Java 17 is not here (make test fetches them)")
    with neo4j_servers.running(java) as server:
        yield server


@pytest.fixture(scope="session")
def _open_neo4j(neo4j_server: Neo4j) -> Iterator[Graph]:
    with open_graph(neo4j_server.settings()) as graph:
        yield graph


@pytest.fixture
def neo4j_graph(_open_neo4j: Graph) -> Graph:
    """Neo4j, without data and schema."""
    empty(_open_neo4j)
    return _open_neo4j


@pytest.fixture(params=["embedded", "neo4j"])
def graph(request: pytest.FixtureRequest) -> Graph:
    """Each of the two servers, without data and schema."""
    found: Graph = request.getfixturevalue(f"{request.param}_graph")
    return found


@pytest.fixture
def embedded_graph(_open_embedded: Graph) -> Graph:
    """The embedded server, without data and schema."""
    empty(_open_embedded)
    return _open_embedded


def empty(graph: Graph) -> None:
    """Removes every node, relationship, index and constraint."""
    graph.write("MATCH (n) DETACH DELETE n")
    for row in graph.run("SHOW CONSTRAINTS YIELD name"):
        graph.run(f"DROP CONSTRAINT `{row['name']}`")
    for row in graph.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'"):
        graph.run(f"DROP INDEX `{row['name']}` IF EXISTS")
