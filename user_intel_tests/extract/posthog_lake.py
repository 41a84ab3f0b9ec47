"""What the tests of extraction share: a small product, a lake, and a client that never waits."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

from user_intel.extract.normalise import Normaliser
from user_intel.extract.posthog import PostHog
from user_intel.http import Clock
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Product
from user_intel.simulate.product import SimulatedProduct
from user_intel.simulate.stand_in import StandIn
from user_intel.tables import EVENTS, catalogue

DAY = date(2026, 11, 2)
NEXT_DAY = DAY + timedelta(days=1)
NOON = datetime.combine(DAY, time(12))
SIMULATED = SimulatedProduct(users=300)
PRODUCT = Product(segments=["plan"])
SALT = b"salt of the tests of extraction."


class Hands:
    """A clock that only sleeping turns."""

    def __init__(self) -> None:
        self.time = 0.0
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)


def lake_in(home: Path, product: Product = PRODUCT) -> Lake:
    return Lake(home, catalogue(product), threads=1)


def normaliser(product: Product = PRODUCT) -> Normaliser:
    return Normaliser(product, SALT)


class Plain(Normaliser):
    """Rows with little in them: for tests that read many pages and care only which events are there."""

    def events(self, connection: Connection, raw: Relation, source: str) -> Relation:
        raw.create_view("plain_events", replace=True)
        columns = [f"null::{column.type} as {column.name}" for column in EVENTS.columns if column.name not in PLAIN]
        return connection.sql(f"select {', '.join([*PLAIN.values(), *columns])} from plain_events")


PLAIN = {
    "day": 'cast("at" as date) as day',
    "event_id": "event_id",
    "user_id": "md5(identity) as user_id",
    "at": '"at"',
    "event": "event",
    "source": "'posthog' as source",
    "ingested_at": "ingested_at",
    "is_bot": "false as is_bot",
}


def plain() -> Plain:
    return Plain(PRODUCT, SALT)


def client(stand_in: StandIn, hands: Hands | None = None) -> PostHog:
    return PostHog(stand_in.url, stand_in.project_id, stand_in.api_key, clock=(hands or Hands()).clock())


def rows_of(lake: Lake, day: date = DAY) -> list[tuple[object, ...]]:
    """Every row of a day of events, whole, in stored order."""
    with lake.connect() as connection:
        return lake.read(connection, "events", [day]).fetchall()


def ids_of(lake: Lake, day: date = DAY) -> list[str]:
    """The event ids of a day, sorted."""
    place = lake.table("events").column_names.index("event_id")
    return sorted(str(row[place]) for row in rows_of(lake, day))
