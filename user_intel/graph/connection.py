"""The one way to the graph: the official driver, to a Neo4j or to the home's embedded server, with the same Cypher.

Belongs here: finding the server, transactions, and what the driver's errors mean in plain words (`refusals.py`).
What is asked and written belongs to the modules that own the question.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from user_intel import files
from user_intel.graph import embedded
from user_intel.graph.refusals import translated
from user_intel.settings import Settings
from user_intel.settings import settings as load

if TYPE_CHECKING:
    import neo4j
    from neo4j import Driver, ManagedTransaction

Flavour = Literal["neo4j", "embedded"]

# A row of an answer: the names are those of the Cypher file, so are the types of the values.
Row = dict[str, Any]

_CONNECT_S = 10.0
_RETRY_S = 30.0
_TRANSACTION_S = 300.0


class Graph:
    """An open connection to the graph. Made by `open_graph`; safe to share between threads."""

    def __init__(self, driver: Driver, flavour: Flavour, address: str, database: str | None) -> None:
        self._driver = driver
        self.flavour = flavour
        self.address = address
        self.database = database

    def write(self, cypher: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """Runs one statement in one transaction and returns its rows; transient failures are repeated, bounded in time.

        The statement may run again if the first try was lost before it was committed. Raises GraphError.
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
        with translated(self.address, self.database), self._driver.session(database=self.database) as session:
            yield session


def _work(cypher: str, parameters: Mapping[str, object] | None) -> Callable[[ManagedTransaction], list[Row]]:
    from neo4j import unit_of_work

    @unit_of_work(timeout=_TRANSACTION_S)
    def work(transaction: ManagedTransaction) -> list[Row]:
        return transaction.run(cypher, dict(parameters or {})).data()

    return work


@contextmanager
def open_graph(settings: Settings | None = None) -> Iterator[Graph]:
    """The graph of this deployment: the configured Neo4j, or the embedded server, started if it does not run.

    Raises GraphError when it cannot be reached, refuses the user, or has no such database.
    """
    chosen = settings or load()
    opened = _neo4j(chosen) if chosen.uses_neo4j else _embedded(chosen)
    with opened as graph:
        graph.read(files.cypher("connection/ping"))
        yield graph


@contextmanager
def _neo4j(settings: Settings) -> Iterator[Graph]:
    address = settings.neo4j_uri or ""
    secret = settings.neo4j_password.get_secret_value() if settings.neo4j_password else ""
    with _driver(address, settings.neo4j_user or "", secret) as driver:
        yield Graph(driver, "neo4j", address, settings.neo4j_database)


@contextmanager
def _embedded(settings: Settings) -> Iterator[Graph]:
    import neo4j

    with embedded.keeper(settings) as keeper:
        server = keeper.serve()

        def where(_address: object) -> Iterable[neo4j.Address]:
            return [neo4j.Address(("127.0.0.1", keeper.serve().port))]

        with _driver(server.address, embedded.USER, server.password, resolver=where) as driver:
            yield Graph(driver, "embedded", server.address, embedded.DATABASE)


@contextmanager
def _driver(address: str, user: str, password: str, **choices: Any) -> Iterator[Driver]:
    from neo4j import GraphDatabase

    # What the server remarks on a statement (a label not there yet, ...) is for whoever writes Cypher, not for a log.
    logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)
    with (
        translated(address, None),
        GraphDatabase.driver(
            address,
            auth=(user, password),
            user_agent="user_intel",
            telemetry_disabled=True,
            connection_timeout=_CONNECT_S,
            connection_acquisition_timeout=_CONNECT_S * 3,
            max_transaction_retry_time=_RETRY_S,
            **choices,
        ) as driver,
    ):
        yield driver
