"""A real Neo4j Community for tests, from jars that deploy/test-services.sh fetched: on loopback, gone afterwards."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from user_intel.settings import Settings
from user_intel_tests.postgres import free_port

PASSWORD = "neo4j-test"
LIB = Path(__file__).parents[1] / "deploy" / "neo4j" / "lib"

_MAIN = "org.neo4j.server.CommunityEntryPoint"
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
_START_S = 120.0


def programs() -> Path | None:
    """The `java` that can run the fetched jars; None where either is missing."""
    javas = [java for version in (17, 21) for java in sorted(Path("/usr/lib/jvm").glob(f"java-{version}-*/bin/java"))]
    return javas[0] if javas and (LIB / "pom.xml").exists() else None


@dataclass
class Neo4j:
    """A server; user and database are both called `neo4j`. It can be stopped, killed and started again on its data."""

    java: Path
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    def settings(self, **changes: object) -> Settings:
        """What a deployment sets to use this server; its home is the server's own folder."""
        chosen: dict[str, object] = {
            "USER_INTEL_HOME": self.folder / "user_intel",
            "NEO4J_URI": self.uri,
            "NEO4J_USER": "neo4j",
            "NEO4J_PASSWORD": PASSWORD,
        }
        return Settings(_env_file=None, **{**chosen, **changes})  # type: ignore[arg-type]

    def start(self, heap_mb: int = 512, options: Mapping[str, str] | None = None) -> None:
        """Starts the server, or starts it again; `options` are lines of neo4j.conf."""
        lines = {
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": "64m",
            "dbms.usage_report.enabled": "false",
            **(options or {}),
        }
        (self.folder / "neo4j.conf").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        # The first compiler only: half the start, and tests end before the second would pay.
        command = [self.java, f"-Xmx{heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                   *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED), "-cp", f"{LIB}/*",
                   _MAIN, f"--home-dir={self.folder}", f"--config-dir={self.folder}"]  # fmt: skip
        with (self.folder / "out.log").open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, cwd=self.folder)
        self._await()

    def kill(self) -> None:
        """Ends the server without a word to it: its data are those it had promised to keep."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _await(self) -> None:
        import neo4j

        deadline = time.monotonic() + _START_S
        while True:
            try:
                self._take_password()
            except (neo4j.exceptions.ServiceUnavailable, neo4j.exceptions.DatabaseUnavailable):
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    logs = [self.folder / "out.log", self.folder / "logs" / "neo4j.log"]
                    said = "".join(log.read_text() for log in logs if log.exists())
                    raise AssertionError(f"Neo4j did not start:\n{said[-3000:]}") from None
                time.sleep(0.1)
            else:
                return

    def _take_password(self) -> None:
        """Changes the password a new server comes with; both ways in are tried, so that a second start works too."""
        from neo4j import GraphDatabase
        from neo4j.exceptions import AuthError

        quiet = {"telemetry_disabled": True, "connection_timeout": 2, "max_transaction_retry_time": 0}
        try:
            with GraphDatabase.driver(self.uri, auth=("neo4j", PASSWORD), **quiet) as driver:
                driver.execute_query("RETURN 1", database_="neo4j")
        except AuthError:
            with GraphDatabase.driver(self.uri, auth=("neo4j", "neo4j"), **quiet) as driver:
                change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password"
                driver.execute_query(change, password=PASSWORD, database_="system")
            self._take_password()


@contextmanager
def running(java: Path, heap_mb: int = 512) -> Iterator[Neo4j]:
    """A server with its data in a new folder."""
    folder = Path(tempfile.mkdtemp(prefix="user-intel-neo4j-"))
    server = Neo4j(java, folder)
    try:
        server.start(heap_mb)
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
