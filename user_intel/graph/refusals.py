"""What the driver's errors mean: one GraphError in plain words for each way a graph server can fail us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from user_intel.errors import GraphError


@contextmanager
def translated(address: str, database: str | None) -> Iterator[None]:
    """Lets the driver's errors out as GraphError; others as they are."""
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        yield
    except (DriverError, Neo4jError) as error:
        raise GraphError(f"The graph at {address} failed: {error}") from error
