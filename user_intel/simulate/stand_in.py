"""A PostHog to talk to where there is none: a child process that serves a simulated product over HTTP on loopback.

    with StandIn(product=SimulatedProduct(), days=days) as posthog:
        client(posthog.url, posthog.project_id, posthog.api_key)

Belongs here: the handle a caller holds. What PostHog would answer is in `server.py` and below, in the child.
"""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx
import msgspec

from user_intel.errors import SourceError
from user_intel.simulate.journal import Entry
from user_intel.simulate.knobs import Content, FaultName, Knobs, Orders
from user_intel.simulate.product import SimulatedProduct

if TYPE_CHECKING:
    import polars as pl

_READY_WITHIN_S = 600.0


class StandIn:
    """A running stand-in. Holds `days` of `product`, and the rows of Parquet files where paths are given.

    Every further keyword is a knob of `knobs.Knobs`, e.g. `max_concurrent=1`. Enter it to start the child process;
    leave it to end it. The child also ends when this process does, however that happens.
    """

    def __init__(
        self,
        product: SimulatedProduct | None = None,
        days: Iterable[date] = (),
        timezone: str = "UTC",
        events_parquet: Sequence[Path] = (),
        recordings_parquet: Sequence[Path] = (),
        **knobs: Any,
    ) -> None:
        self.knobs = Knobs(timezone=timezone, **knobs)
        self._content = Content(
            product=product,
            days=tuple(days),
            events_parquet=tuple(str(Path(path).resolve()) for path in events_parquet),
            recordings_parquet=tuple(str(Path(path).resolve()) for path in recordings_parquet),
        )
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._client: httpx.Client | None = None
        self.url = ""

    @property
    def project_id(self) -> str:
        """The number of the project, as a setting would hold it."""
        return str(self.knobs.project_id)

    @property
    def api_key(self) -> str:
        """The personal API key that is let in."""
        return self.knobs.api_key

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        """Starts the child and waits until it listens. Raises SourceError with its last words when it cannot."""
        self._folder = tempfile.TemporaryDirectory(prefix="posthog-stand-in-", ignore_cleanup_errors=True)
        errors = Path(self._folder.name, "errors.txt")
        with errors.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "user_intel.simulate.serving"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                # Ctrl-C is for the parent, which may still need answers while it ends.
                start_new_session=True,
            )
        orders = Orders(self.knobs, self._content, self._folder.name)
        try:
            self.url = f"http://127.0.0.1:{self._started(self._process, orders)}"
        except (OSError, ValueError) as error:
            last_words = errors.read_text(encoding="utf-8", errors="replace")[-2000:]
            self.close()
            raise SourceError(f"The PostHog stand-in did not start: {last_words or error}") from None
        self._client = httpx.Client(base_url=f"{self.url}/_stand_in/", timeout=300, trust_env=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the child."""
        self.close()

    def close(self) -> None:
        """Ends the child process and removes what it wrote. Does nothing the second time."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def play(
        self,
        fault: FaultName,
        times: int = 1,
        match: str = "",
        after: int = 0,
        retry_after: int | None = None,
        seconds: float = 1.0,
    ) -> None:
        """Lets requests whose path, query name or text contains `match` go wrong, `times` times; see `knobs.Fault`."""
        told = {"fault": fault, "times": times, "match": match, "after": after, "seconds": seconds}
        self._tell("faults", {**told, "retry_after": retry_after})

    def requests(self) -> list[Entry]:
        """Every request since the start or the last `clear`, oldest first."""
        return msgspec.json.decode(self._ask("GET", "requests").content, type=list[Entry])

    def clear(self) -> None:
        """Forgets planned faults, noted requests, counted requests, cached answers and exports; keeps the events."""
        self._tell("clear", {})

    def turn(self, **knobs: Any) -> None:
        """Changes knobs while it runs, e.g. `latency_s=0.2`."""
        for name, value in knobs.items():
            setattr(self.knobs, name, value)
        self._tell("knobs", knobs)

    def add_events(self, rows: "Sequence[Mapping[str, Any]] | pl.DataFrame") -> None:
        """Adds events that arrive late or twice: a frame, or mappings with at least event, distinct_id and timestamp.

        What a mapping leaves out gets a plain default; `properties` and `person_properties` may be mappings.
        """
        from user_intel.simulate.recorded import as_events

        frame = as_events(rows)
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            frame.write_parquet(file.name)
            self._tell("events", {"path": file.name})

    def _tell(self, what: str, content: Mapping[str, object]) -> None:
        self._ask("POST", what, msgspec.json.encode(content))

    def _ask(self, method: str, what: str, content: bytes | None = None) -> httpx.Response:
        if self._client is None:
            raise SourceError("The PostHog stand-in is not running: enter it first (`with StandIn(...) as posthog:`).")
        answer = self._client.request(method, what, content=content)
        if answer.is_error:
            raise SourceError(f"The PostHog stand-in refused {what}: {answer.text[:300]}")
        return answer

    def _started(self, process: subprocess.Popen[bytes], orders: Orders) -> int:
        """Hands over the orders and returns the port, once the child listens."""
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(msgspec.json.encode(orders) + b"\n")
        process.stdin.flush()
        alarm = threading.Timer(_READY_WITHIN_S, process.kill)
        alarm.start()
        try:
            line = process.stdout.readline()
        finally:
            alarm.cancel()
        return int(json.loads(line)["port"])
