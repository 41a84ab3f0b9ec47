"""What was asked of the stand-in, so that tests can look and benchmarks can subtract the stand-in's own time."""

import threading
from dataclasses import asdict, dataclass


@dataclass
class Entry:
    """One request. `seconds` is the stand-in's own work (ClickHouse and JSON, without waiting or sending).

    `in_flight` counts the queries being answered when this one arrived, itself included; `at` is seconds since 1970.
    """

    at: float
    method: str
    path: str
    name: str = ""
    query: str = ""
    refresh: str = ""
    status: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0
    in_flight: int = 0
    fault: str = ""


class Journal:
    """Every request, in order of arrival."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self.in_flight = 0

    def add(self, entry: Entry) -> None:
        """Notes a request; its entry may be filled in until it is answered."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._entries.clear()

    def as_dicts(self) -> list[dict[str, object]]:
        """The entries, oldest first."""
        with self._lock:
            return [asdict(entry) for entry in self._entries]
