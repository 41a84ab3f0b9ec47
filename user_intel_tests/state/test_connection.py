"""What a state database can do to us, each told in one sentence that says what to do; no password in any of them."""

import logging
import multiprocessing
import resource
import signal
import socket
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from queue import Queue

import pytest

from user_intel.errors import ConfigError, StateError
from user_intel.settings import Settings, load_settings
from user_intel.state import connection, open_state
from user_intel_tests.postgres import PASSWORD, Postgres, free_port
from user_intel_tests.state.conftest import seen, server_address, told_postgres


def at(address: str) -> Settings:
    return Settings(USER_INTEL_STATE_URL=address, _env_file=None)


def refusal(settings: Settings) -> str:
    """What is said when such a state is opened and written to."""
    with pytest.raises((StateError, ConfigError)) as caught, open_state(settings, patience_s=0) as state:
        state.try_to_write()
    said = str(caught.value)
    assert PASSWORD not in said
    assert caught.value.__suppress_context__ or caught.value.__context__ is None, "a traceback would show the cause"
    return said


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_a_postgres_is_reached_by_every_spelling_of_its_address(postgres: Postgres, scheme: str) -> None:
    with open_state(at(server_address(postgres, "dagster", scheme))) as state:
        state.try_to_write()
        assert state.place.words == f"PostgreSQL, dagster at 127.0.0.1:{postgres.port}"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("hidden-secret", "is no address"),
        ("postgresql://user:hidden@secret:notaport/db", "is no address"),
        ("mysql://user:hidden-secret@host/db", "names 'mysql'"),
        ("postgresql+asyncpg://user:hidden-secret@host/db", "names 'postgresql+asyncpg'"),
        ("postgresql://user:hidden-secret@host", "names no database"),
        ("sqlite://", "names no database"),
        ("sqlite:///state.db", "from the working directory on"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_without_being_quoted(address: str, said: str) -> None:
    found = refusal(at(address))
    assert said in found
    assert "postgresql://user:password@host:5432/database" in found
    assert "hidden" not in found
    assert "secret" not in found


def test_the_address_is_a_secret_of_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USER_INTEL_STATE_URL", "postgresql://user:hidden@host/db")
    assert "hidden" not in repr(load_settings())


def test_no_row_and_no_secret_is_logged(
    postgres_settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with open_state(postgres_settings) as state:
        state.register([seen("a", title="a title like no other")])
        state.decide("insight-a", "approved", by="maria")
        state.statuses()
    logged = caplog.text + "".join(capfd.readouterr())
    assert "from revision" in logged, "the log is looked at"
    assert "a title like no other" not in logged
    assert PASSWORD not in logged


def test_a_server_that_does_not_run_is_said_and_asked_again_for_a_while() -> None:
    port = free_port()
    found = at(f"postgresql://dagster:{PASSWORD}@127.0.0.1:{port}/state")
    assert f"state at 127.0.0.1:{port}) does not answer. Check that it runs" in refusal(found)
    began = time.monotonic()
    with pytest.raises(StateError), open_state(found, patience_s=1.5):
        pass
    assert time.monotonic() - began >= 1.5


def test_a_server_that_comes_up_meanwhile_is_waited_for(postgres: Postgres) -> None:
    port = free_port()
    relay = threading.Thread(target=_relay_later, args=(port, postgres.port))
    relay.start()
    with open_state(at(f"postgresql://dagster:{PASSWORD}@127.0.0.1:{port}/dagster")) as state:
        state.try_to_write()
    relay.join(10)


def _relay_later(port: int, to: int) -> None:
    """A second after it was asked to, lets one connection through to the real server."""
    time.sleep(1)
    with (
        socket.create_server(("127.0.0.1", port)) as door,
        door.accept()[0] as here,
        socket.create_connection(("127.0.0.1", to)) as there,
    ):
        back = threading.Thread(target=_pump, args=(there, here))
        back.start()
        _pump(here, there)
        back.join(10)


def _pump(source: socket.socket, target: socket.socket) -> None:
    while received := source.recv(65_536):
        target.sendall(received)
    target.shutdown(socket.SHUT_WR)


def test_a_host_that_is_not_known_is_said_at_once() -> None:
    began = time.monotonic()
    assert "the host's name is not known" in refusal(at(f"postgresql://u:{PASSWORD}@no-such-host.invalid/state"))
    assert time.monotonic() - began < 10


def test_a_wrong_password_a_wrong_user_and_a_wrong_database_are_said(postgres: Postgres) -> None:
    assert "does not let this user in. Check user and password" in refusal(
        at(f"postgresql://dagster:wrong@127.0.0.1:{postgres.port}/dagster")
    )
    assert "does not let this user in" in refusal(at(f"postgresql://nobody:x@127.0.0.1:{postgres.port}/dagster"))
    assert "is not there. Make it with createdb" in refusal(at(server_address(postgres, "nothing")))


def test_a_database_that_may_only_be_read_is_said(postgres: Postgres, postgres_settings: Settings) -> None:
    with open_state(postgres_settings):
        pass
    told_postgres(postgres, "alter database state set default_transaction_read_only = on")
    try:
        assert "may only be read" in refusal(postgres_settings)
    finally:
        told_postgres(postgres, "alter database state reset default_transaction_read_only")


def test_a_file_that_may_only_be_read_is_said(sqlite_settings: Settings) -> None:
    with open_state(sqlite_settings):
        pass
    path = sqlite_settings.home.resolve() / "state.db"
    assert "may not be written. Give this user the right" in refusal(at(f"sqlite:///file:{path}?mode=ro&uri=true"))


def test_a_folder_that_cannot_be_made_and_a_file_that_is_none_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database, though it is long enough to be looked at" * 30)
    assert "cannot be opened: File exists" in refusal(at(f"sqlite:///{tmp_path}/file/state.db"))
    assert "cannot be opened: Is a directory" in refusal(at(f"sqlite:///{tmp_path}"))
    assert "is no SQLite database" in refusal(at(f"sqlite:///{tmp_path}/file"))


def test_a_damaged_file_is_said(sqlite_settings: Settings) -> None:
    with open_state(sqlite_settings) as state:
        state.register([seen(f"{number}") for number in range(500)])
    path = sqlite_settings.home / "state.db"
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\x5a" * (len(content) - 4096 * 2)
    path.write_bytes(content)
    assert "is damaged" in refusal(sqlite_settings)


def test_a_file_another_program_holds_is_waited_for_and_then_said(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_TURN_S", 0.3)
    with open_state(sqlite_settings) as state:
        with closing(sqlite3.connect(sqlite_settings.home / "state.db", isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(StateError, match="kept from it by another program for too long"):
                state.register([seen("a")])
            assert state.statuses() == {}, "reading goes on"
            other.rollback()
        state.register([seen("a")])
        assert len(state.statuses()) == 1


def _write_on_a_full_disk(settings: Settings, told: "Queue[str]") -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open_state(settings) as state:
        state.register([seen("before")])
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            state.register([seen(f"{number:05}") for number in range(5_000)])
        except StateError as error:
            told.put(str(error))


def test_a_full_disk_is_said_and_what_was_decided_before_is_there(sqlite_settings: Settings) -> None:
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    writer = spawn.Process(target=_write_on_a_full_disk, args=(sqlite_settings, told))
    writer.start()
    assert "full" in told.get(timeout=60)
    writer.join(60)
    with open_state(sqlite_settings) as state:
        assert list(state.statuses()) == ["insight-before"]


def test_a_connection_that_was_cut_meanwhile_is_made_anew(postgres: Postgres, postgres_settings: Settings) -> None:
    with open_state(postgres_settings) as state:
        state.register([seen("a")])
        told_postgres(
            postgres,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'user_intel'",
        )
        assert list(state.statuses()) == ["insight-a"]


def test_a_writer_of_a_server_waits_its_turn_and_then_says_so(
    postgres_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg2

    monkeypatch.setattr(connection, "_TURN_S", 1)
    with open_state(postgres_settings) as state:
        state.register([seen("a")])
        address = postgres_settings.state_url.get_secret_value()  # type: ignore[union-attr]
        with closing(psycopg2.connect(address)) as other:
            other.cursor().execute("select * from insights for update")
            with pytest.raises(StateError, match="kept from it by another program"):
                state.decide("insight-a", "approved", by="maria")
        assert state.decide("insight-a", "approved", by="maria").status == "approved"
