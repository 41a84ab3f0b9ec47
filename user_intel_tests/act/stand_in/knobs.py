"""What can be turned on a running stand-in, and what can be made to go wrong."""

import re
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class Knobs:
    """How this Jira is set up."""

    # A new ticket is found by searches so many seconds after it was made; reading by key is exact at once.
    index_lag_s: float = 0.0
    latency_s: float = 0.0
    attachments: bool = True
    upload_limit: int = 10_000_000
    # Rows a page has at most, whatever is asked for.
    page_size: int = 100
    # Whether properties are kept while creating (Server only: old ones may not).
    keeps_properties: bool = True
    # Permissions that the account lacks, by Jira's names.
    lacking: tuple[str, ...] = ()


@dataclass
class Fault:
    """What goes wrong with the next requests in whose "METHOD /path" the regular expression `match` is found.

    Before anything is done: a status (400, 401, 403, 404, 429, 500, 502, 503, 504), `captcha`, `redirect`,
    `anonymous` (the token is not accepted, and 200 answered as to a stranger), `dropped` (the connection breaks).
    After the request was served: `lost_answer` (the connection breaks), `500_after`, `half_answer`, `html`,
    `odd_json`, `bad_gzip`. `slow` waits `seconds` before answering truly.
    """

    fault: str
    match: str = ""
    times: int = 1
    # So many matching requests pass first.
    after: int = 0
    retry_after: str | None = None
    seconds: float = 1.0
    # Of a 400: Jira's words by field.
    errors: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)


class FaultBook:
    """The faults still to be played, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Plans a fault."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forgets all that was planned."""
        with self._lock:
            self._waiting.clear()

    def next_for(self, subject: str) -> Fault | None:
        """The fault a request meets, if any; it then has one time less to come."""
        with self._lock:
            for fault in self._waiting:
                if not re.search(fault.match, subject):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    return None
                fault.times -= 1
                self._waiting = [each for each in self._waiting if each.times > 0]
                return fault
        return None
