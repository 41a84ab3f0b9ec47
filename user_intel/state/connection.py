"""The one way to what people decided: the SQLite file in the home, or the PostgreSQL that one setting names.

Belongs here: the address, the engine, transactions. What a database's errors mean in plain words is `refusals.py`,
how a database comes to have the tables is `migrating.py`, what is read and written is `store.py`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from user_intel import files
from user_intel.errors import ConfigError, StateError
from user_intel.settings import Settings
from user_intel.settings import settings as load
from user_intel.state.refusals import IS_BUSY, Place, passes, translated

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

    from user_intel.state.store import State

_LOG = logging.getLogger(__name__)

_CONNECT_S = 10
_PATIENCE_S = 20.0
# How long a writer waits for another, and how long one statement may take.
_TURN_S = 30
_STATEMENT_S = 60
_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "postgresql+psycopg2": "postgresql+psycopg2",
}


@contextmanager
def open_state(settings: Settings | None = None, patience_s: float = _PATIENCE_S) -> Iterator[State]:
    """What people decided in this deployment. The tables are made, or brought up to date, when they need it.

    A server that does not answer is asked again for `patience_s`. Raises StateError when it still does not, lets us
    not in or may not be written, and when the database is newer than this program.
    """
    from user_intel.state.migrating import bring_up_to_date
    from user_intel.state.store import State

    with open_engine(settings or load(), patience_s) as (engine, place):
        with translated(place):
            bring_up_to_date(engine, place)
        yield State(engine, place)


@contextmanager
def open_engine(settings: Settings, patience_s: float = _PATIENCE_S) -> Iterator[tuple[Engine, Place]]:
    """An engine that has reached the database, whatever is in it, and the words for where that is."""
    url = address(settings)
    place = named(url)
    if place.path:
        _make_private(place.path)
    with translated(place):
        engine = _engine(url)
    try:
        with translated(place):
            _greet(engine, place, patience_s)
        yield engine, place
    finally:
        engine.dispose()


def address(settings: Settings) -> URL:
    """The database's address, its driver named. Raises ConfigError, which quotes nothing of a wrong one."""
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if settings.state_url is None:
        return URL.create("sqlite", database=str(settings.home.resolve() / "state.db"))
    try:
        url = make_url(settings.state_url.get_secret_value())
    except (ArgumentError, ValueError):
        raise ConfigError(f"USER_INTEL_STATE_URL is no address. {_EXPECTED}") from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise ConfigError(f"USER_INTEL_STATE_URL names {url.drivername!r}. {_EXPECTED}")
    if not url.database or url.database == ":memory:":
        raise ConfigError(f"USER_INTEL_STATE_URL names no database. {_EXPECTED}")
    if driver == "sqlite" and not Path(url.database.removeprefix("file:")).is_absolute():
        # Every program has a working directory of its own: they would not find the same file.
        raise ConfigError(f"USER_INTEL_STATE_URL names a file from the working directory on. {_EXPECTED}")
    return url.set(drivername=driver)


_EXPECTED = (
    "Expected is postgresql://user:password@host:5432/database (signs such as @ and / in a password written as %40 and "
    "%2F), or sqlite:////folder/state.db; without it, state is kept in the home."
)


def named(url: URL) -> Place:
    """Where a database is, in words without user and password."""
    if url.drivername == "sqlite":
        path = Path((url.database or "").removeprefix("file:"))
        return Place(f"SQLite, {path}", path)
    return Place(f"PostgreSQL, {url.database} at {url.host or 'this machine'}:{url.port or 5432}")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write. On SQLite it is one of the writers in turn: what it reads holds until its end."""
    with for_writing(engine).begin() as connection:
        yield connection


def for_writing(engine: Engine) -> Engine:
    """The same engine, whose transactions may write."""
    return engine.execution_options(user_intel_writes=True)


@contextmanager
def alone(engine: Engine, place: Place, name: str, wait_s: float) -> Iterator[None]:
    """Holds `name` against all other programs that use this state; freed at once when this one dies.

    Raises StateError when another holds it past `wait_s`.
    """
    held = (
        _alone_by_file(place, place.path, name, wait_s) if place.path else _alone_by_lock(engine, place, name, wait_s)
    )
    with held:
        yield


@contextmanager
def _alone_by_file(place: Place, path: Path, name: str, wait_s: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    locks = path.parent / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / f"state-{_digest(name).hex()}.lock", timeout=wait_s)
    try:
        lock.acquire()
    except Timeout:
        raise StateError(f"{place} {IS_BUSY}") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _alone_by_lock(engine: Engine, place: Place, name: str, wait_s: float) -> Iterator[None]:
    from sqlalchemy import func, select

    number = int.from_bytes(_digest(name), "big", signed=True)
    connection = engine.connect()
    try:
        with translated(place):
            for timeout in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
                given = f"{max(int(wait_s * 1000), 1)}" if timeout == "lock_timeout" else "0"
                connection.execute(select(func.set_config(timeout, given, True)))
            connection.execute(select(func.pg_advisory_xact_lock(number)))
        yield
    finally:
        # Closed, not given back: the lock ends with its connection, whatever became of that meanwhile.
        connection.invalidate()


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:8]


def _engine(url: URL) -> Engine:
    from sqlalchemy import create_engine, event

    # Errors would quote the values of a statement otherwise.
    if url.drivername == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _TURN_S})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    timeouts = {"connect_timeout": _CONNECT_S, "tcp_user_timeout": _TURN_S * 1000, "application_name": "user_intel"}
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=timeouts)
    event.listen(engine, "begin", _begin_postgres)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Python's driver would begin transactions only at the first change, so that what was read before it may be stale.
    connection.isolation_level = None
    connection.execute(files.sql("state/sqlite_connection"))


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("user_intel_writes")
    connection.exec_driver_sql(files.sql("state/sqlite_begin_write" if writes else "state/sqlite_begin_read"))


def _begin_postgres(connection: Connection) -> None:
    # For this transaction, not as options of the connection, which poolers such as PgBouncer refuse.
    from sqlalchemy import func, select

    turn = func.set_config("lock_timeout", f"{_TURN_S}s", True)
    connection.execute(select(turn, func.set_config("statement_timeout", f"{_STATEMENT_S}s", True)))


def _make_private(path: Path) -> None:
    """Makes the file before SQLite does, for its owner alone; its companions (-wal, -shm) take their rights from it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))
        if stat.S_IMODE(path.stat().st_mode) & 0o077 and path.stat().st_uid == os.geteuid():
            path.chmod(0o600)
    except OSError as error:
        raise StateError(
            f"The state database {path} cannot be opened: {error.strerror}. Give this user the right to write the "
            "file and its folder, or set USER_INTEL_STATE_URL to another."
        ) from None


def _greet(engine: Engine, place: Place, patience_s: float) -> None:
    from sqlalchemy.exc import DBAPIError

    deadline = time.monotonic() + patience_s
    while True:
        try:
            with engine.connect():
                return
        except DBAPIError as error:
            if time.monotonic() > deadline or not passes(error):
                raise
            _LOG.info("%s does not answer yet; trying again", place)
            time.sleep(1)
