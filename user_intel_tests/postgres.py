"""A real PostgreSQL for tests: a new cluster in a temporary folder, on loopback, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "dagster-test"


@dataclass(frozen=True)
class Postgres:
    """Where the server listens; user, password and database are `dagster`, `PASSWORD` and `dagster`."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(self.port),
            "DAGSTER_PG_USERNAME": "dagster",
            "DAGSTER_PG_PASSWORD": PASSWORD,
            "DAGSTER_PG_DB": "dagster",
        }


def programs() -> Path | None:
    """The folder of the server's programs; None where PostgreSQL is not installed."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = newest[-1] if newest else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def running(bin_: Path) -> Iterator[Postgres]:
    """A server with its data in a new folder. As root it runs as the package's user: it refuses to run as root."""
    user = "postgres" if os.geteuid() == 0 else None
    # Not in pytest's own temporary folder, which nobody but its owner may enter.
    with tempfile.TemporaryDirectory(prefix="user-intel-postgres-") as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        yield from _serving(folder, bin_, user)


def _serving(folder: Path, bin_: Path, user: str | None) -> Iterator[Postgres]:
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    if user:
        shutil.chown(password_file, user)
    data = folder / "data"
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, "user": user}
    subprocess.run([bin_ / "initdb", "-D", data, "-U", "dagster", f"--pwfile={password_file}", "-A", "scram-sha-256",
                    "--no-sync"], check=True, **quiet)  # fmt: skip
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
    control = [bin_ / "pg_ctl", "-D", data, "-l", folder / "log", "-w"]
    subprocess.run([*control, "-o", options, "start"], check=True, **quiet)
    try:
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        subprocess.run([bin_ / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "dagster", "dagster"],
                       check=True, env=environment)  # fmt: skip
        yield Postgres(port)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, **quiet)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
