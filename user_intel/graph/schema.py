"""The keys and indexes that loading and asking rely on, made when they are not there yet.

The names and types of everything in the graph are told in `cypher/schema/schema.cypher` and in the README.
"""

from __future__ import annotations

from user_intel import files
from user_intel.graph.connection import Graph


def ensure_schema(graph: Graph) -> None:
    """Makes the constraints and indexes that are missing. Raises GraphError, for one when the user may only read."""
    for statement in statements(files.cypher("schema/schema")):
        graph.run(statement)


def statements(text: str) -> list[str]:
    """The statements of a file that holds several, each ended by a semicolon; comments are lines of their own."""
    lines = [line for line in text.splitlines() if not line.startswith("//")]
    return [each.strip() for each in "\n".join(lines).split(";") if each.strip()]
