"""The connection: the same calls against both servers, and what is said when a server fails us."""

import contextlib
import datetime as dt
import json
import resource
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from user_intel import doctor
from user_intel.errors import GraphAway, GraphError
from user_intel.graph.connection import Graph, open_graph
from user_intel.settings import Settings
from user_intel_tests.neo4j_server import PASSWORD, Neo4j

A_LOT = "UNWIND range(1, 20000) AS id CREATE (:Thing {name: toString(id) + ' is too much'})"


def opening(settings: Settings) -> str:
    """What is said when the graph of these settings is opened."""
    with pytest.raises(GraphError) as caught, open_graph(settings, patience_s=0):
        pass
    assert PASSWORD not in str(caught.value)
    assert isinstance(caught.value, GraphAway) == ("try again" in str(caught.value) or "in Bolt" in str(caught.value))
    return str(caught.value)


def somewhere(uri: str) -> Settings:
    return Settings(NEO4J_URI=uri, NEO4J_USER="neo4j", NEO4J_PASSWORD=PASSWORD, _env_file=None)


def test_what_is_written_is_read_back_with_its_types(graph: Graph) -> None:
    rows = [
        {"id": 1, "name": "a'\"\n`{}\\", "share": 0.5, "day": dt.date(2026, 11, 1)},
        {"id": 2, "name": "x" * 4096, "share": None, "day": None},
    ]
    wrote = graph.write("UNWIND $rows AS row CREATE (t:Thing) SET t = row RETURN count(t) AS things", {"rows": rows})
    assert wrote == [{"things": 2}]
    found = graph.read("MATCH (t:Thing) RETURN t.id AS id, t.name AS name, t.share AS share, t.day AS day ORDER BY id")
    assert [{**row, "day": row["day"] and row["day"].to_native()} for row in found] == rows


def test_every_test_starts_with_an_empty_graph(graph: Graph) -> None:
    assert graph.read("MATCH (t) RETURN count(t) AS things") == [{"things": 0}]


def test_trying_to_write_leaves_nothing(graph: Graph) -> None:
    graph.try_to_write()
    assert graph.read("MATCH (t) RETURN count(t) AS things") == [{"things": 0}]


def test_a_refused_row_is_not_shown(graph: Graph) -> None:
    graph.run("CREATE CONSTRAINT thing IF NOT EXISTS FOR (t:Thing) REQUIRE t.name IS UNIQUE")
    with pytest.raises(GraphError, match="must be unique and is there already") as caught:
        graph.write("UNWIND [1, 2] AS twice CREATE (:Thing {name: $name})", {"name": "somebody"})
    assert "somebody" not in str(caught.value)
    assert graph.read("MATCH (t:Thing) RETURN count(t) AS things") == [{"things": 0}]


def test_a_statement_that_is_not_cypher_is_named_so(graph: Graph) -> None:
    with pytest.raises(GraphError, match=r"does not take the statement \(Neo.ClientError.Statement.SyntaxError\)"):
        graph.read("RETRUN 1")


def test_a_failure_in_a_transaction_of_several_statements_keeps_none(graph: Graph) -> None:
    def load() -> None:
        with graph.session() as session, session.begin_transaction() as transaction:
            transaction.run("CREATE (:Thing)").consume()
            transaction.run("UNWIND [1, 0] AS id CREATE (:Thing {id: 1 / id})").consume()
            transaction.commit()

    with pytest.raises(GraphError):
        load()
    assert graph.read("MATCH (t:Thing) RETURN count(t) AS things") == [{"things": 0}]


def test_credentials_and_database_are_checked_when_the_graph_is_opened(neo4j_server: Neo4j) -> None:
    assert "does not know this user and password. Check NEO4J_USER and NEO4J_PASSWORD." in opening(
        neo4j_server.settings(NEO4J_PASSWORD="wrong")
    )
    assert "has no database 'nowhere'. Check NEO4J_DATABASE." in opening(
        neo4j_server.settings(NEO4J_DATABASE="nowhere")
    )


@pytest.mark.parametrize("scheme", ["bolt+s", "bolt+ssc", "neo4j+s"])
def test_tls_on_a_plain_port_is_named_so(neo4j_server: Neo4j, scheme: str) -> None:
    said = opening(somewhere(f"{scheme}://127.0.0.1:{neo4j_server.port}"))
    assert "does not speak TLS there. Use bolt:// or neo4j:// without +s" in said


def test_a_cluster_address_works_with_one_server_too(neo4j_server: Neo4j) -> None:
    with open_graph(neo4j_server.settings(NEO4J_URI=f"neo4j://127.0.0.1:{neo4j_server.port}")) as graph:
        assert graph.read("RETURN 1 AS answer") == [{"answer": 1}]


def test_nobody_there_and_no_such_host_are_told_apart() -> None:
    assert "does not answer, or went away. Check that it runs" in opening(somewhere("bolt://127.0.0.1:1"))
    assert "does not answer, or went away. Check that it runs" in opening(somewhere("neo4j://127.0.0.1:1"))
    assert "the host's name is not known" in opening(somewhere("neo4j://no.such.host.invalid"))


def test_something_else_on_the_port_is_told() -> None:
    with answering(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert "answers, but not in Bolt. Check the port" in opening(somewhere(f"bolt://127.0.0.1:{port}"))


def test_an_untrusted_certificate_is_told(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))

    def greet(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True):
            pass

    with answering(greet) as port:
        assert "shows a certificate that is not trusted" in opening(somewhere(f"bolt+s://127.0.0.1:{port}"))


def test_a_full_disk_and_a_read_only_database_are_named_so_and_a_restart_in_the_middle_is_waited_for(
    neo4j_server: Neo4j, neo4j_graph: Graph
) -> None:
    neo4j_graph.write("CREATE (:Thing {name: 'kept'})")
    assert neo4j_server.process
    with no_room(neo4j_server.process.pid), pytest.raises(GraphError, match="A full disk is the usual cause"):
        neo4j_graph.write(A_LOT)
    # It wants to be restarted after that; each start of it takes seconds, so one test shows three things.
    neo4j_server.kill()
    neo4j_server.start(options={"server.databases.read_only": "neo4j"})
    with pytest.raises(GraphError, match="keeps this database read-only"):
        neo4j_graph.try_to_write()
    neo4j_server.kill()
    restart = threading.Thread(target=neo4j_server.start)
    restart.start()
    neo4j_graph.write("CREATE (:Thing {name: 'later'})")
    restart.join()
    assert names(neo4j_graph) == ["kept", "later"]


def test_a_full_disk_under_the_embedded_server_is_named_so_and_heals_by_itself(
    embedded_settings: Settings, embedded_graph: Graph
) -> None:
    embedded_graph.write("CREATE (:Thing {name: 'kept'})")
    java = json.loads((embedded_settings.home / "graph" / "server.json").read_text())["java_pid"]
    with no_room(java), pytest.raises(GraphError, match=r"A full disk is the usual cause.* MB are free there"):
        embedded_graph.write(A_LOT)
    embedded_graph.write("CREATE (:Thing {name: 'later'})")
    assert names(embedded_graph) == ["kept", "later"]


def test_doctor_says_what_the_graph_is(
    neo4j_server: Neo4j, embedded_settings: Settings, embedded_graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finding(neo4j_server.settings(), monkeypatch) == doctor.Finding(
        "graph", "works", f"Neo4j 5.26.30 community at {neo4j_server.uri}, the user's home database, may be written"
    )
    running = finding(embedded_settings, monkeypatch)
    assert (running.subject, running.state) == ("graph", "default")
    assert f"running at {embedded_graph.address};" in running.words


def finding(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> doctor.Finding:
    monkeypatch.setattr(doctor.settings, "settings", lambda: chosen)
    return next(finding for finding in doctor.examine() if finding.subject == "graph")


def names(graph: Graph) -> list[str]:
    return [row["name"] for row in graph.read("MATCH (t:Thing) RETURN t.name AS name ORDER BY name")]


@contextlib.contextmanager
def no_room(process: int) -> Iterator[None]:
    """A process none of whose files may grow: what it meets is what it meets on a full disk, on any machine."""
    before = resource.prlimit(process, resource.RLIMIT_FSIZE, (2**16, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def answering(greet: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that greets each who comes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(100, socket.MSG_PEEK)
                        greet(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate that its own key signed, and the key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "graph.example")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths
