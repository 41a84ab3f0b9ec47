"""What a state database's errors mean: one sentence in plain words for each way it can fail us.

Nothing of a statement, its values or the password is passed on; of the driver's own words only what PostgreSQL said
to a connection it did not let in, which names host, user and database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from user_intel.errors import StateError

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

IS_BUSY = "was kept from it by another program for too long. Nothing of it is stored; do it again when that has ended."

# SQLite's names and PostgreSQL's codes (SQLSTATE); the first that the code begins with counts.
_BY_CODE = {
    "SQLITE_BUSY": IS_BUSY,
    "SQLITE_LOCKED": IS_BUSY,
    "SQLITE_READONLY": "may not be written. Give this user the right to write the file and its folder.",
    "SQLITE_FULL": "could not keep what was decided: the disk is full. Nothing of it is stored; make room, then do it "
    "again.",
    "SQLITE_CANTOPEN": "cannot be opened. Check USER_INTEL_STATE_URL, and that this user may write the folder.",
    "SQLITE_PERM": "cannot be opened. Check USER_INTEL_STATE_URL, and that this user may write the folder.",
    "SQLITE_NOTADB": "is no SQLite database. Move it away, or set USER_INTEL_STATE_URL to another.",
    "SQLITE_CORRUPT": "is damaged. Bring it back from a copy; what remains of it: sqlite3 state.db .recover",
    "SQLITE_IOERR": "could not be read or written; nothing of this is stored. Check the disk: it may be full.",
    "08": "went away. Nothing is half stored; do it again when it is back.",
    "25006": "may only be read. Let this user write there, or set USER_INTEL_STATE_URL to one that may be written.",
    "28": "does not let this user in. Check user and password in USER_INTEL_STATE_URL.",
    "3D": "is not there. Make it with createdb, or check the name in USER_INTEL_STATE_URL.",
    "3F": "gives this user no schema for tables. Grant it usage and create on schema public.",
    "40": "was kept from it by other writers. Nothing of it is stored; do it again.",
    "42501": "does not let this user do that. Let it make tables there (grant create on schema public).",
    "53100": "has a full disk. Nothing of this is stored; make room there, then do it again.",
    "53300": "has too many connections. Raise max_connections there, or do it again when fewer are open.",
    "53": "has too little of something. Its log says of what.",
    "55P03": IS_BUSY,
    "57014": "took too long. Nothing of it is stored; look at the server's load, then do it again.",
    "57P": "is just starting or stopping. Do it again when it is up.",
}

# What libpq and the server say to a connection that did not come about; there is no code then.
_BY_WORDS = {
    "password authentication failed": _BY_CODE["28"],
    "no password supplied": "wants a password. Put it into USER_INTEL_STATE_URL.",
    "no pg_hba.conf entry": "does not let this user in from here. Its pg_hba.conf says who may come, and how.",
    "role ": _BY_CODE["28"],
    "database ": _BY_CODE["3D"],
    "could not translate host name": "cannot be found: the host's name is not known. Check USER_INTEL_STATE_URL.",
    "starting up": _BY_CODE["57P"],
    "shutting down": _BY_CODE["57P"],
    "too many clients": _BY_CODE["53300"],
    "remaining connection slots": _BY_CODE["53300"],
    "server does not support SSL": "does not speak TLS. Leave sslmode out of USER_INTEL_STATE_URL, or switch it on "
    "there.",
    "certificate": "shows a certificate that is not trusted. Name its authority by sslrootcert in "
    "USER_INTEL_STATE_URL.",
    "server closed the connection": _BY_CODE["08"],
    "terminating connection": _BY_CODE["08"],
    "connection already closed": _BY_CODE["08"],
}
_AWAY = "does not answer. Check that it runs, and host and port in USER_INTEL_STATE_URL."
_PASSES = ("starting up", "shutting down", "refused", "timeout", "too many clients", "remaining connection slots")


@dataclass(frozen=True)
class Place:
    """Where the state is, as errors name it: no secret in it. `path` is SQLite's file."""

    words: str
    path: Path | None = None

    def __str__(self) -> str:
        return f"The state database ({self.words})"


@contextmanager
def translated(place: Place) -> Iterator[None]:
    """Lets the database's errors out as StateError, without its own words where these may quote a value."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except DBAPIError as error:
        raise StateError(f"{place} {_meaning(error.orig)}") from None
    except sqlite3.Error as error:
        raise StateError(f"{place} {_meaning(error)}") from None
    except SQLAlchemyError as error:
        raise StateError(f"{place} failed ({type(error).__name__}). Do it again; if it stays, see its log.") from None


def passes(error: DBAPIError) -> bool:
    """Whether connecting once more may help: the server is not up yet, or full for the moment."""
    return _code(error.orig) is None and any(words in str(error.orig) for words in _PASSES)


def _code(error: BaseException | None) -> str | None:
    """SQLite's name of an error or PostgreSQL's SQLSTATE; None where there is none, as when nobody answered."""
    return getattr(error, "sqlite_errorname" if isinstance(error, sqlite3.Error) else "pgcode", None)


def _meaning(error: BaseException | None) -> str:
    code = _code(error)
    if code:
        known = next((words for beginning, words in _BY_CODE.items() if code.startswith(beginning)), None)
        return f"{known or 'refused. If that stays, it is a defect.'} ({code})"
    said = str(error)
    return next((words for part, words in _BY_WORDS.items() if part in said), _AWAY)
