"""One PostHog project as questions and answers: pages of events and recordings, counts, persons, a health check.

The questions are the HogQL files of `sql/extract/posthog/`; every one has an explicit LIMIT, UTC bounds and a name, is
calculated afresh and gives times in UTC. How a day is put together from the answers is `posthog.py`.
Facts and their sources: PostHog's query endpoint allows 3 queries at once for a whole organisation, 240 a minute and
2,400 an hour, 10 s each, and cuts answers at 50,000 rows without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, Self, TypeVar

import msgspec

from user_intel import files
from user_intel.errors import ConfigError, SourceError
from user_intel.http import Clock, HttpClient, Patience, StatusError
from user_intel.rate_limits import Rate
from user_intel.settings import Settings

Row = TypeVar("Row")
Value = str | int | list[str]

MOST_ROWS: Final = 50_000
QUERIES_AT_ONCE: Final = 2
QUERY_RATES: Final = (Rate(240, 60), Rate(2_400, 3_600))
ALWAYS: Final = (datetime(1970, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001  # naive UTC, as everywhere

# Answers that a smaller question avoids: out of time, too slow by estimate, and ClickHouse's limits by name.
_TOO_HEAVY_STATUS = frozenset({504, 512})
_TOO_HEAVY_CODES = frozenset(
    {"too_many_bytes", "too_many_rows", "memory_limit_exceeded", "timeout_exceeded", "too_slow", "query_size_exceeded"}
)

# event_id, event, identity, session, timestamp, created_at, properties, elements_chain, person
EventRow = tuple[str, str, str | None, str | None, str, str | None, str | None, str | None, str | None]
# session, identity, start, end, active ms, clicks, keypresses, console errors, first address
RecordingRow = tuple[
    str, str | None, str, str, float | None, int | None, int | None, int | None, str | None
]  # fmt: skip


class TooHeavyError(SourceError):
    """PostHog could not answer within its own limits of time or memory; ask for less at once."""


class _Answer(msgspec.Struct, Generic[Row]):
    results: list[Row] | None = None
    error: str | None = None


class _Me(msgspec.Struct):
    uuid: str


_EVENTS = msgspec.json.Decoder(_Answer[EventRow])
_RECORDINGS = msgspec.json.Decoder(_Answer[RecordingRow])
_MINUTES = msgspec.json.Decoder(_Answer[tuple[int, int, int]])
_COUNTS = msgspec.json.Decoder(_Answer[tuple[int, int]])
_PERSONS = msgspec.json.Decoder(_Answer[tuple[str]])
_ME = msgspec.json.Decoder(_Me)


@dataclass(frozen=True)
class Counts:
    """What PostHog holds of a stretch of time: rows, and different events among them."""

    rows: int
    unique: int


@dataclass(frozen=True)
class Stretch:
    """Half-open `[start, end)` of event time, and the closed range of ingestion time that counts; naive UTC."""

    start: datetime
    end: datetime
    received_from: datetime = ALWAYS[0]
    received_to: datetime = ALWAYS[1]

    @property
    def values(self) -> dict[str, Value]:
        """The stretch as parameters of a question."""
        return {
            "from_at": instant(self.start),
            "to_at": instant(self.end),
            "received_from": instant(self.received_from),
            "received_to": instant(self.received_to),
        }


@dataclass(frozen=True)
class PostHog:
    """One project of one PostHog, asked with one key. Close it, or use `with`; may be shared by threads.

    `file_downloads`: whether days are first asked for as file-download batch exports.
    """

    host: str
    project_id: str
    api_key: str = field(repr=False)
    file_downloads: bool = False
    patience: Patience = field(default_factory=Patience, repr=False)
    clock: Clock = field(default_factory=Clock, repr=False)
    http: HttpClient = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        client = HttpClient(
            "PostHog",
            self.host,
            key=self.api_key,
            at_once=QUERIES_AT_ONCE,
            rates=QUERY_RATES,
            patience=self.patience,
            clock=self.clock,
        )
        object.__setattr__(self, "http", client)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The project of the settings. Raises ConfigError when none is configured, or a capture host is."""
        host, project_id, key = settings.posthog_host, settings.posthog_project_id, settings.posthog_api_key
        if not host or not project_id or not key:
            raise ConfigError("No PostHog is configured: set POSTHOG_HOST, POSTHOG_PROJECT_ID and POSTHOG_API_KEY.")
        if ".i.posthog.com" in host:
            raise ConfigError(
                f"POSTHOG_HOST is {host}, where events are sent to; read from {host.replace('.i.', '.')}."
            )
        return cls(host, project_id, key.get_secret_value(), settings.posthog_file_downloads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self.http.close()

    @property
    def prefix(self) -> str:
        """The path that the project's own paths begin with."""
        return f"/api/projects/{self.project_id}"

    def events_page(self, stretch: Stretch, after: str, page_rows: int, names: Sequence[str] = ()) -> list[EventRow]:
        """The first `page_rows` events of a stretch, in order, without those at its very start up to uuid `after`.

        `names` are person properties to bring along. Raises TooHeavyError when fewer should be asked for.
        """
        values: dict[str, Value] = {**stretch.values, "after": after, "page_rows": page_rows}
        if names:
            return self._ask("events_page_with_person", values | {"names": list(names)}, _EVENTS)
        return self._ask("events_page", values, _EVENTS)

    def recordings_page(self, start: datetime, end: datetime, after: str, page_rows: int) -> list[RecordingRow]:
        """As `events_page`, for session recordings by the instant they started."""
        bounds: dict[str, Value] = {"from_at": instant(start), "to_at": instant(end)}
        return self._ask("recordings_page", bounds | {"after": after, "page_rows": page_rows}, _RECORDINGS)

    def minute_counts(self, stretch: Stretch) -> dict[datetime, Counts]:
        """What each minute of a stretch holds, by its start; minutes without events are not there."""
        if stretch.end - stretch.start > timedelta(minutes=MOST_ROWS):
            raise ValueError("a stretch of more minutes than one answer has rows would be cut without a word")
        rows = self._in_halves("minute_counts", stretch, _MINUTES)
        return {_EPOCH + timedelta(minutes=minute): Counts(count, unique) for minute, count, unique in rows}

    def counts(self, start: datetime, end: datetime, received_to: datetime = ALWAYS[1]) -> Counts:
        """Rows and different events of `[start, end)` (naive UTC), received by PostHog until `received_to`."""
        # Halves of a stretch that is too much at once are added up; an event that stands in both (sent again with
        # another time) then counts twice, and a day that has one is refused rather than passed.
        rows = self._in_halves("counts", Stretch(start, end, received_to=received_to), _COUNTS)
        return Counts(sum(row[0] for row in rows), sum(row[1] for row in rows))

    def person_ids(self, distinct_id: str) -> list[str]:
        """The ids of the persons that a distinct id belongs to; what events carry as identity."""
        return [row[0] for row in self._ask("person_ids", {"distinct_id": distinct_id}, _PERSONS)]

    def check(self) -> str:
        """One line on what works. Raises SourceError saying what does not: host, key, project or scope; soon."""
        with replace(self, patience=Patience(connect_s=5, read_s=30, tries=2, request_s=60)) as hasty:
            hasty._check_key()
            now = _utc_now()
            found = hasty.counts(now - timedelta(days=1), now)
        return f"{self.host}, project {self.project_id}: {found.unique:,} events in the last 24 hours"

    def _check_key(self) -> None:
        try:
            self.http.get("/api/users/@me/", _ME)
        except StatusError as fault:
            # A key may be kept from its own user's page and still be good for queries.
            if fault.status != 403:
                raise self._with_remedy(fault) from None

    def _in_halves(self, question: str, stretch: Stretch, decoder: msgspec.json.Decoder[_Answer[Row]]) -> list[Row]:
        """The rows of a question about a stretch; about its halves, at a whole minute, when that is too heavy."""
        try:
            return self._ask(question, stretch.values, decoder)
        except TooHeavyError:
            middle = stretch.start + (stretch.end - stretch.start) / 2
            middle = middle.replace(second=0, microsecond=0)
            if not stretch.start < middle < stretch.end:
                raise
        return [
            *self._in_halves(question, replace(stretch, end=middle), decoder),
            *self._in_halves(question, replace(stretch, start=middle), decoder),
        ]

    def _ask(self, question: str, values: dict[str, Value], decoder: msgspec.json.Decoder[_Answer[Row]]) -> list[Row]:
        body = {
            "query": {
                "kind": "HogQLQuery",
                "query": files.sql(f"extract/posthog/{question}"),
                "values": values,
                "modifiers": {"convertToProjectTimezone": False},
            },
            "refresh": "force_blocking",
            "name": f"user_intel {question}",
        }
        try:
            answer = self.http.post(f"{self.prefix}/query/", body, decoder)
        except StatusError as fault:
            raise self._with_remedy(fault) from None
        if answer.results is None:
            raise SourceError(f"PostHog answered {question} without rows: {answer.error or 'no reason was given'}.")
        return answer.results

    def _with_remedy(self, fault: StatusError) -> SourceError:
        if fault.status in _TOO_HEAVY_STATUS or fault.code in _TOO_HEAVY_CODES:
            return TooHeavyError(str(fault))
        remedies = {
            401: "Check POSTHOG_API_KEY (a personal key, phx_...) and that POSTHOG_HOST is of the key's region.",
            403: "Give the key the scope query:read and access to this project.",
            404: f"Check POSTHOG_PROJECT_ID ({self.project_id}); it is the number in the project's address.",
        }
        if fault.status not in remedies:
            return fault
        return StatusError(f"{fault} {remedies[fault.status]}", fault.status, fault.code)


_EPOCH = ALWAYS[0]


def instant(at: datetime) -> str:
    """A naive UTC instant as toDateTime64 reads it, with microseconds."""
    return at.isoformat(sep=" ", timespec="microseconds")


def parsed(text: str) -> datetime:
    """An instant of an answer (ISO 8601, with Z, an offset, or none for UTC) as naive UTC."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
