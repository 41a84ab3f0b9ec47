"""The graph server of a home that configures no Neo4j: found if it runs, started if not, left to stop by itself.

`embedded_main.py` is the server's process and says which files the two share. A client holds `clients.lock` shared for
as long as it uses the server, so the server never stops under it; it is started under `start.lock`, so that of many
clients at once one starts it and the rest find it.
"""

import fcntl
import json
import logging
import os
import secrets
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from user_intel.errors import GraphAway, GraphError
from user_intel.graph.embedded_main import DATABASE, server_command
from user_intel.settings import Settings

USER = "root"

_LOG = logging.getLogger(__name__)
_START_S = 60.0
_LOG_TAIL_LINES = 15


@dataclass(frozen=True)
class Embedded:
    """A server that is up. `password` is never shown."""

    port: int
    password: str

    @property
    def address(self) -> str:
        """Where it listens, for the driver and for people."""
        return f"bolt://127.0.0.1:{self.port}"

    def __repr__(self) -> str:
        return f"Embedded({self.address})"


class Keeper:
    """Finds or starts the server of one home, for a client that holds `clients.lock`."""

    def __init__(self, settings: Settings) -> None:
        self.folder = (settings.home / "graph").resolve()
        self._restarted = False
        self._heap_mb = settings.graph_memory_mb
        self._idle_s = settings.graph_idle_minutes * 60

    def come_in(self) -> int:
        """Holds `clients.lock` shared until the returned file is closed. Waits only for a server that is stopping."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            clients = os.open(self.folder / "clients.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise GraphError(f"The embedded graph server cannot use {self.folder}: {error.strerror}.") from error
        fcntl.flock(clients, fcntl.LOCK_SH)
        os.utime(clients)
        return clients

    def running(self) -> Embedded | None:
        """The server as it runs now; None where none does, or one is just starting or stopping."""
        if not self._is_held("server.lock"):
            return None
        try:
            found = json.loads((self.folder / "server.json").read_text(encoding="utf-8"))
            port, process = int(found["port"]), int(found["pid"])
        except (OSError, ValueError, KeyError):
            return None
        if not (self.folder / "password").exists():
            raise GraphError(
                f"The embedded graph server runs (process {process}), but {self.folder / 'password'} is gone. "
                "Stop that process; the next use makes a new password."
            )
        return Embedded(port, self._password())

    def serve(self) -> Embedded:
        """The running server, started if need be, and a second time if it died while starting."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.folder / "start.lock", timeout=2 * _START_S):
                return self.running() or self._start() or self._start_again()
        except Timeout:
            raise GraphAway(
                f"Another process has been starting the embedded graph server for {2 * _START_S:.0f} s. {self._tail()}"
            ) from None
        except OSError as error:
            raise GraphError(f"The embedded graph server cannot use {self.folder}: {error.strerror}.") from error

    def serve_again(self) -> Embedded:
        """As `serve`, for a client that may have lost its server: one restart, then GraphAway with the log's end."""
        running = self.running()
        if running:
            return running
        if self._restarted:
            raise GraphAway(f"The embedded graph server ended twice during this step. {self._tail()}")
        self._restarted = True
        _LOG.warning("the embedded graph server ended; starting it again")
        return self.serve()

    def _start_again(self) -> Embedded:
        _LOG.warning("the graph server ended while it started; starting it once more")
        started = self._start()
        if started is None:
            raise GraphError(f"The embedded graph server does not start in {self.folder}. {self._tail()}")
        return started

    def _start(self) -> Embedded | None:
        """A new server once it listens; None when it ended instead."""
        began = time.monotonic()
        password, port = self._password(), self._port()
        ear, mouth = os.pipe()
        command = [sys.executable, "-m", "user_intel.graph.embedded_main", str(self.folder), "--port", str(port),
                   "--heap-mb", str(self._heap_mb), "--idle-s", str(self._idle_s), "--ready", str(mouth)]  # fmt: skip
        with suppress(subprocess.TimeoutExpired), (self.folder / "process.log").open("wb") as log:
            subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                           pass_fds=(mouth,), start_new_session=True, timeout=_START_S)  # fmt: skip
        os.close(mouth)
        with os.fdopen(ear, "rb") as pipe:
            found = self._hear(pipe, Embedded(port, password))
        if found:
            _LOG.info("embedded graph server started in %.1f s", time.monotonic() - began)
        return found

    def _hear(self, pipe: BinaryIO, started: Embedded) -> Embedded | None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            readable, _, _ = select.select([pipe], [], [], 0.5)
            if readable:
                return started if pipe.read() == b"ready" else None
            # One whose starter was killed may have been on its way already.
            other = self.running()
            if other:
                return other
        return None

    def _port(self) -> int:
        """The port of last time, so that clients that lost the server find it again; another where it is taken."""
        kept = self.folder / "port"
        last = kept.read_text(encoding="ascii") if kept.exists() else ""
        for wanted in (int(last) if last.isdigit() else 0, 0):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", wanted))
                except OSError:
                    continue
                port = int(probe.getsockname()[1])
            kept.write_text(str(port), encoding="ascii")
            return port
        raise GraphError("There is no free port on this machine for the embedded graph server.")

    def _password(self) -> str:
        kept = self.folder / "password"
        if kept.exists():
            return kept.read_text(encoding="ascii")
        # The server only takes a password into a home that has no users yet.
        (self.folder / "config" / "server-users.jsonl").unlink(missing_ok=True)
        made, beside = secrets.token_urlsafe(32), kept.with_suffix(".new")
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(made)
        beside.replace(kept)
        return made

    def _is_held(self, name: str) -> bool:
        try:
            probe = os.open(self.folder / name, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(probe)
        return False

    def _tail(self) -> str:
        logs = [self.folder / name for name in ("process.log", "server.log")]
        lines = [
            line
            for log in logs
            if log.exists()
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        ]
        return "\n".join([f"Its log, {logs[-1]}, ends:", *lines[-_LOG_TAIL_LINES:]])


def version() -> str:
    """The version of the wheel that the server comes from. Raises GraphError where it cannot be run from here."""
    from importlib import metadata

    command = server_command(0, 0)
    if command is None or not os.access(command[0], os.X_OK):
        raise GraphError("The package arcadedb-embedded, or its Java, is not installed: reinstall user_intel.")
    return metadata.version("arcadedb-embedded")


@contextmanager
def keeper(settings: Settings) -> Iterator[Keeper]:
    """Somebody who uses the home's server: as long as the block lasts the server does not stop by itself."""
    kept = Keeper(settings)
    clients = kept.come_in()
    try:
        yield kept
        os.utime(clients)
    finally:
        os.close(clients)


__all__ = ["DATABASE", "USER", "Embedded", "Keeper", "keeper"]
