"""The one way to the graph: the official driver, to a Neo4j or to the home's embedded server, with the same Cypher.

Belongs here: finding the server, sessions and transactions. What the driver's errors mean in plain words is
`refusals.py`. What is asked and written belongs to the modules that own the question.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from user_intel import files
from user_intel.graph import embedded
from user_intel.graph.refusals import Flavour, Server, is_transient, translated
from user_intel.settings import Settings
from user_intel.settings import settings as load

if TYPE_CHECKING:
    import neo4j
    from neo4j import Driver, ManagedTransaction

# A row of an answer: names and types of the values are those of the Cypher file.
Row = dict[str, Any]

_LOG = logging.getLogger(__name__)

_CONNECT_S = 10.0
_PATIENCE_S = 20.0
_RETRY_S = 60.0
_TRANSACTION_S = 300.0


class Graph:
    """An open connection to the graph. Made by `open_graph`; safe to share between threads."""

    def __init__(self, driver: Driver, server: Server) -> None:
        self._driver = driver
        self._server = server
        self.statements = 0
        self.seconds = 0.0

    @property
    def flavour(self) -> Flavour:
        """Which of the two servers it is, where a file has wording of its own."""
        return self._server.flavour

    @property
    def address(self) -> str:
        """Where the server listens; no secret in it."""
        return self._server.address

    @property
    def database(self) -> str | None:
        """The database in use; None is the user's home database."""
        return self._server.database

    def write(self, cypher: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Runs one statement in one transaction and returns its rows.

        Transient causes are repeated for a minute: the statement may run again when its first try surely was not
        kept. Raises GraphError; after "may be there or not" only a rerun that replaces what it wrote is safe.
        """
        with self.session() as session:
            return session.execute_write(_work(cypher, parameters))

    def read(self, cypher: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """As `write`, for a statement that changes nothing; a cluster answers it from any member."""
        with self.session() as session:
            return session.execute_read(_work(cypher, parameters))

    def run(self, cypher: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Runs one statement that opens transactions of its own (schema, CALL IN TRANSACTIONS); never repeated."""
        with self.session() as session:
            return session.run(cypher, dict(parameters or {})).data()

    @contextmanager
    def session(self) -> Iterator[neo4j.Session]:
        """A session of the driver, for several statements in one transaction. Its errors come out as GraphError."""
        began = time.monotonic()
        try:
            with translated(self._server), self._driver.session(database=self.database) as session:
                yield session
        finally:
            self.statements += 1
            self.seconds += time.monotonic() - began

    def version(self) -> str:
        """The server's product, version and edition, in words."""
        with translated(self._server):
            agent = str(self._driver.get_server_info().agent)
        if self.flavour == "embedded":
            return agent.partition("(")[2].rstrip(")")
        (found,) = self.read(files.cypher("connection/components"))[:1]
        return f"Neo4j {found['versions'][0]} {found['edition']}"

    def try_to_write(self) -> None:
        """Raises GraphError where nothing may be written; leaves nothing behind."""
        with self.session() as session, session.begin_transaction(timeout=_CONNECT_S) as transaction:
            transaction.run(cast(Any, files.cypher("connection/trial"))).consume()
            transaction.rollback()

    def _greet(self, patience_s: float) -> None:
        # Not left to the driver, which would also be patient with a wrong host name and with TLS mistakes.
        from neo4j.exceptions import DriverError, Neo4jError

        deadline = time.monotonic() + patience_s
        while True:
            try:
                with self._driver.session(database=self.database) as session, session.begin_transaction() as greeting:
                    greeting.run(cast(Any, files.cypher("connection/ping"))).consume()
            except (DriverError, Neo4jError) as error:
                if time.monotonic() > deadline or not is_transient(error):
                    raise
                _LOG.info("the graph at %s does not answer yet; trying again", self.address)
                time.sleep(1)
            else:
                return


def _work(cypher: str, parameters: Mapping[str, object] | None) -> Callable[[ManagedTransaction], list[Row]]:
    from neo4j import unit_of_work

    @unit_of_work(timeout=_TRANSACTION_S)
    def work(transaction: ManagedTransaction) -> list[Row]:
        return transaction.run(cypher, dict(parameters or {})).data()

    return work


def has_graph(settings: Settings) -> bool:
    """Whether there may be anything in the graph: a Neo4j is configured, or this home's server was used before."""
    return settings.uses_neo4j or (settings.home / "graph" / "databases").is_dir()


@contextmanager
def open_graph(settings: Settings | None = None, patience_s: float = _PATIENCE_S) -> Iterator[Graph]:
    """The graph of this deployment: the configured Neo4j, or the embedded server, started if it does not run.

    A server that does not answer is asked again for `patience_s`. Raises GraphError when it still does not, refuses the
    user, or has no such database.
    """
    chosen = settings or load()
    opened = _neo4j(chosen) if chosen.uses_neo4j else _embedded(chosen)
    with opened as (driver, server):
        graph = Graph(driver, server)
        with translated(server):
            graph._greet(patience_s)
        try:
            yield graph
        finally:
            _LOG.info("graph at %s: %d sessions, %.1f s in them", server.address, graph.statements, graph.seconds)


@contextmanager
def _neo4j(settings: Settings) -> Iterator[tuple[Driver, Server]]:
    address = settings.neo4j_uri or ""
    secret = settings.neo4j_password.get_secret_value() if settings.neo4j_password else ""
    server = Server("neo4j", address, settings.neo4j_database)
    with _driver(server, settings.neo4j_user or "", secret) as driver:
        yield driver, server


@contextmanager
def _embedded(settings: Settings) -> Iterator[tuple[Driver, Server]]:
    import neo4j

    with embedded.keeper(settings) as keeper:
        found = keeper.serve()
        server = Server("embedded", found.address, embedded.DATABASE, keeper.folder / "server.log")

        def where(_address: object) -> Iterable[neo4j.Address]:
            # The driver asks before each new connection: the moment to notice that the server is gone.
            return [neo4j.Address(("127.0.0.1", keeper.serve_again().port))]

        with _driver(server, embedded.USER, found.password, resolver=where) as driver:
            yield driver, server


@contextmanager
def _driver(server: Server, user: str, password: str, **choices: Any) -> Iterator[Driver]:
    from neo4j import GraphDatabase

    # The driver logs the rows it sends, and remarks of the server on each statement; what fails comes out as an error.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    with translated(server):
        driver = GraphDatabase.driver(
            server.address,
            auth=(user, password),
            user_agent="user_intel",
            telemetry_disabled=True,
            connection_timeout=_CONNECT_S,
            connection_acquisition_timeout=_CONNECT_S,
            liveness_check_timeout=1.0,
            max_transaction_retry_time=_RETRY_S,
            **choices,
        )
    with driver:
        yield driver
