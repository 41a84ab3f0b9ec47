"""What the driver's errors mean: one sentence in plain words for each way a graph server can fail us.

A server's own message is passed on only where it speaks of the statement. Others may quote a value of a row, so they
are left in the server's log.
"""

from __future__ import annotations

import re
import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from user_intel.errors import GraphAway, GraphError

Flavour = Literal["neo4j", "embedded"]

_READ_ONLY = "keeps this database read-only. Let it be written, or set NEO4J_URI and NEO4J_DATABASE to one that may be."

# The first that a code begins with counts.
_BY_CODE = {
    "Neo.ClientError.Security.AuthenticationRateLimit": "has refused too many passwords and wants a pause. "
    "Check NEO4J_USER and NEO4J_PASSWORD, wait some seconds, try again.",
    "Neo.ClientError.Security.CredentialsExpired": "wants the first password of this user changed. "
    "Change it there, then set NEO4J_PASSWORD.",
    "Neo.ClientError.Security.Unauthorized": "does not know this user and password. "
    "Check NEO4J_USER and NEO4J_PASSWORD.",
    "Neo.ClientError.Security": "does not let this user do that. Give it a role that may read, write and make "
    "constraints and indexes (architect).",
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase": _READ_ONLY,
    "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase": _READ_ONLY,
    "Neo.ClientError.Statement.AccessMode": "does not let a question change anything.",
    "Neo.ClientError.Cluster.NotALeader": "is a member of a cluster that does not take writes. "
    "Use neo4j:// instead of bolt:// in NEO4J_URI, so that the driver finds the one that does.",
    "Neo.ClientError.Transaction.TransactionTimedOut": "gave up a transaction that took too long. "
    "Look at the server's load, or at its limit db.transaction.timeout.",
    "Neo.ClientError.Transaction.TransactionNotFound": "did not keep what was written; nothing of it is stored. "
    "A full disk is the usual cause: make room, then rerun.",
    "Neo.ClientError.Schema.ConstraintValidationFailed": "refuses a row that must be unique and is there already. "
    "Its log says which.",
    "Neo.TransientError.General.DatabaseUnavailable": "is just starting or stopping. Try again.",
    "Neo.TransientError.Database.DatabaseUnavailable": "is just starting or stopping. Try again.",
    "Neo.TransientError.General": "has too little memory for a transaction. "
    "Raise dbms.memory.transaction.total.max or its heap.",
    "Neo.TransientError": "was kept from it by other work, again and again. Rerun it when the server has less to do.",
    "Neo.DatabaseError.Transaction": "could not keep what was written; nothing of it is stored. A full disk is the "
    "usual cause: make room, restart the database if its log asks for it, then rerun.",
    "Neo.DatabaseError": "failed on its own side. Its log says why.",
}
_SPEAKS_OF_THE_STATEMENT = re.compile(r"Neo\.ClientError\.(Statement\.(Syntax|Semantic|Parameter)|Procedure)")


@dataclass(frozen=True)
class Server:
    """Who is asked, as errors name it: no secret in it. `log` is the embedded server's."""

    flavour: Flavour
    address: str
    database: str | None
    log: Path | None = None

    def __str__(self) -> str:
        return f"Neo4j at {self.address}" if self.flavour == "neo4j" else f"The embedded graph server ({self.log})"


@contextmanager
def translated(server: Server) -> Iterator[None]:
    """Lets the driver's errors out as GraphError or GraphAway, without the driver's own words; others as they are."""
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        yield
    except Neo4jError as error:
        raise _kind(error)(_refused(server, error.code or "", error.message or "")) from None
    except DriverError as error:
        raise _kind(error)(_lost(server, error)) from None


def is_transient(error: BaseException) -> bool:
    """Whether asking once more may help: the server is restarting or busy, or its address is just moving."""
    from neo4j.exceptions import ForbiddenOnReadOnlyDatabase, ServiceUnavailable, SessionExpired, TransientError

    if isinstance(error, ServiceUnavailable | SessionExpired):
        return not any(isinstance(cause, ssl.SSLError | socket.gaierror) for cause in _causes(error))
    # The driver counts a read-only database among what passes, for clusters; its own retries have had their time.
    lost = getattr(error, "code", "") == "Neo.ClientError.Transaction.TransactionNotFound"
    return lost or (isinstance(error, TransientError) and not isinstance(error, ForbiddenOnReadOnlyDatabase))


def _kind(error: Exception) -> type[GraphError]:
    return GraphAway if is_transient(error) else GraphError


def _refused(server: Server, code: str, message: str) -> str:
    if code == "Neo.ClientError.Database.DatabaseNotFound":
        return f"{server} has no database {server.database!r}. Check NEO4J_DATABASE."
    if _SPEAKS_OF_THE_STATEMENT.match(code):
        return f"{server} does not take the statement ({code}): {' '.join(message.split())}"
    said = next((words for beginning, words in _BY_CODE.items() if code.startswith(beginning)), None)
    return f"{server} {said or 'refused. Its log says why.'} ({code}{_room(server)})"


def _lost(server: Server, error: Exception) -> str:
    from neo4j.exceptions import ConfigurationError, IncompleteCommit, ServiceUnavailable, SessionExpired

    if isinstance(error, IncompleteCommit):
        return f"{server} went away while it was keeping what was written: it may be there or not. Rerun the day."
    if isinstance(error, ConfigurationError):
        return f"{server} cannot be talked to as configured: {error}. Check NEO4J_URI."
    if not isinstance(error, ServiceUnavailable | SessionExpired):
        return f"{server} cannot be talked to ({type(error).__name__}): {error}"
    return f"{server} {_why_away(list(_causes(error)))}"


def _why_away(causes: list[BaseException]) -> str:
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return (
            "shows a certificate that is not trusted. Name its authority in SSL_CERT_FILE; or use +ssc instead of +s "
            "in NEO4J_URI if it signed its own certificate and the network is yours."
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "does not speak TLS there. Use bolt:// or neo4j:// without +s in NEO4J_URI, or switch TLS on there."
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "cannot be found: the host's name is not known. Check NEO4J_URI."
    if any("handshake" in str(cause) or "HTTP" in str(cause) for cause in causes):
        return "answers, but not in Bolt. Check the port (7687; 7474 is the browser's), and +s if it wants TLS."
    return "does not answer, or went away. Check that it runs and that NEO4J_URI is right; try again."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it. The driver groups the failures of a cluster's members."""
    yield error
    for inner in getattr(error, "exceptions", ()):
        yield from _causes(inner)
    if error.__cause__ or error.__context__:
        yield from _causes(error.__cause__ or error.__context__)  # type: ignore[arg-type]


def _room(server: Server) -> str:
    if server.log is None or not server.log.exists():
        return ""
    return f"; {shutil.disk_usage(server.log.parent).free / 1e6:,.0f} MB are free there"
