"""One writer at a time: whoever loads, prunes or erases first claims the graph.

Processes of one home wait for each other at a file lock, which a killed process gives up by dying. Deployments that
share a Neo4j wait at the node (:Writer): it holds the claim of whoever writes, and when they were last seen. Every
transaction of a writer looks whether the claim is still theirs, so whoever was taken for dead and comes back writes
nothing more. Days loaded side by side would gain nothing: the server is what is busy, and four sessions are no faster.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from user_intel import files
from user_intel.errors import GraphAway, GraphError
from user_intel.graph.connection import Graph, Row

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

# Longer than a day of a million visits takes to load; whoever comes second waits for it.
WAIT_S = 900.0
# A writer of another deployment that was not seen for so long is dead: longer than any one transaction may take.
_SILENT_S = 330.0
_TRANSACTION_S = 300.0
_LOOK_AGAIN_S = 1.0

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
Ask = Callable[[str, Mapping[str, object]], list[Row]]


@dataclass(frozen=True)
class Claim:
    """The right to write, as long as nobody else has taken it over."""

    graph: Graph
    token: str

    def write(self, name: str, **parameters: object) -> list[Row]:
        """Runs `cypher/<name>.cypher` in a transaction of its own. Raises GraphAway when the claim was lost."""
        return self.transaction(lambda ask: ask(name, parameters))

    def transaction(self, work: Callable[[Ask], T]) -> T:
        """Runs several statements in one transaction: all of them happen, or none. `work` may be called again."""
        from neo4j import unit_of_work

        @unit_of_work(timeout=_TRANSACTION_S)
        def fenced(transaction: ManagedTransaction) -> T:
            def ask(name: str, parameters: Mapping[str, object]) -> list[Row]:
                return transaction.run(files.cypher(name), dict(parameters)).data()

            if not ask("load/keep_claim", {"claim": self.token, "now": _now_ms()}):
                raise GraphAway(
                    "Another deployment took over writing to the graph, for this one was not heard of for "
                    f"{_SILENT_S:.0f} s. Nothing more was written; rerun."
                )
            return work(ask)

        with self.graph.session() as session:
            return session.execute_write(fenced)


@contextmanager
def writing(home: Path, graph: Graph, *, wait_s: float = WAIT_S) -> Iterator[Claim]:
    """Claims the graph until the block ends. Raises GraphAway when another process holds it past `wait_s` seconds."""
    from filelock import FileLock, Timeout

    locks = home / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / "journey_graph.lock")
    until = time.monotonic() + wait_s
    try:
        lock.acquire(timeout=wait_s)
    except Timeout:
        raise _busy(wait_s) from None
    try:
        claim = _taken(graph, _name_of(home), until, wait_s)
        try:
            yield claim
        finally:
            # Whoever lost the server cannot give back the claim; this home takes it anew, others after a while.
            with suppress(GraphError):
                graph.write(files.cypher("load/end_claim"), {"claim": claim.token})
    finally:
        lock.release()


def _taken(graph: Graph, home: str, until: float, wait_s: float) -> Claim:
    token = secrets.token_hex(16)
    while True:
        now = _now_ms()
        wanted = {"claim": token, "home": home, "now": now, "dead_before": now - int(_SILENT_S * 1000)}
        if graph.write(files.cypher("load/claim"), wanted):
            return Claim(graph, token)
        if time.monotonic() > until:
            raise _busy(wait_s)
        _LOG.info("another deployment is writing to the graph; waiting")
        time.sleep(_LOOK_AGAIN_S)


def _busy(wait_s: float) -> GraphAway:
    return GraphAway(f"Another process has been writing to the graph for {wait_s:.0f} s. Rerun when it has finished.")


def _name_of(home: Path) -> str:
    """What this home is called among those that share a graph: made once, under the lock; it says no host."""
    path = home / "graph_writer_id"
    if not path.exists():
        path.write_text(secrets.token_hex(16), encoding="ascii")
    return path.read_text(encoding="ascii")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
