"""What was sent and recorded, in the columns of the lake's `events` and `recordings`."""

from datetime import timedelta

import numpy as np
import polars as pl

from user_intel.product import Product
from user_intel.simulate.dice import uuids
from user_intel.simulate.friction.shape import Shape
from user_intel.simulate.friction.strays import BOT

_BROWSERS = {"desktop": "Chrome", "mobile": "Mobile Safari", "tablet": "Safari"}
_SYSTEMS = {"desktop": "Windows", "mobile": "iOS", "tablet": "iPadOS"}


def local_days(at: pl.Series, product: Product) -> pl.Series:
    """The product's calendar day of each instant."""
    return at.dt.replace_time_zone("UTC").dt.convert_time_zone(product.timezone).dt.date()


def event_rows(
    sent: pl.DataFrame,
    visits: pl.DataFrame,
    who: pl.DataFrame,
    shape: Shape,
    product: Product,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """One row per event, in the order of `sent`."""
    names = pl.Series(shape.names)
    node = visits["node"].to_numpy()
    # Whatever is no page happens on the page viewed last; every session begins with one.
    page = np.maximum.accumulate(np.where(shape.pages[node], np.arange(len(node)), 0))
    visit = sent["visit"].to_numpy()
    at = sent["at"].cast(pl.Datetime("us"))
    is_step = ~sent["event"].str.starts_with("$") | (sent["event"] == "$pageview")
    people = _known_of(who)[visits["session"].to_numpy()[visit]]
    told: pl.DataFrame = pl.concat([sent.drop("at"), people], how="horizontal")
    return told.select(
        *("user_id", "session_id", "event", "element", "device_type", "browser", "os", "country"),
        *("referrer_domain", "utm_source", "is_bot"),
        day=local_days(at, product),
        event_id=uuids(rng, len(sent), (sent["at"] // 1000).to_numpy()),
        at=at,
        step=pl.when(is_step).then(names[node[visit]]).otherwise(None),
        page=names[node[page[visit]]],
        properties=pl.concat_str([pl.lit("{"), "own", pl.lit('"plan":"'), "plan", pl.lit('"}')]),
        source=pl.lit("posthog"),
        ingested_at=at + timedelta(seconds=2),
    )


def _known_of(who: pl.DataFrame) -> pl.DataFrame:
    """One row per session: whatever all its events say."""
    return who.select(
        *("user_id", "session_id", "device_type", "country", "plan"),
        browser=pl.col("device_type").replace_strict(_BROWSERS),
        os=pl.col("device_type").replace_strict(_SYSTEMS),
        referrer_domain=pl.when("from_ad").then(pl.lit("ads.example.com")).otherwise(pl.lit("$direct")),
        utm_source=pl.when("from_ad").then(pl.lit("ads")),
        is_bot=pl.col("who") == BOT,
    )


def recording_rows(rows: pl.DataFrame, shape: Shape, product: Product, rng: np.random.Generator) -> pl.DataFrame:
    """One row per recording, in the order of `rows`."""
    seconds = ((rows["ends"] - rows["begins"]) / 1e6).to_numpy()
    active = np.minimum(seconds, seconds * rng.uniform(0.4, 1.0, len(rows)))
    started = rows["begins"].cast(pl.Datetime("us"))
    return rows.select(
        day=local_days(started, product),
        session_id="session_id",
        user_id="user_id",
        started_at=started,
        duration_s=pl.Series(seconds),
        active_s=pl.Series(active),
        clicks=pl.Series(rng.poisson(active / 9)),
        keypresses=pl.Series(rng.poisson(active / 5)),
        console_errors=pl.Series(rng.poisson(0.2, len(rows))),
        first_page=pl.Series(shape.names)[rows["node"].to_numpy()],
    )
