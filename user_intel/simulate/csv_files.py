"""The simulated product as files a person would import: one CSV a day, and the `product.yaml` that describes it.

One row is one event: user_id (an e-mail address), timestamp (UTC), action (the address of a viewed page, else the
event's name) and metadata (a JSON object). What only PostHog knows - its session ids, its bookkeeping, the visits of
crawlers - is left out.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from user_intel.simulate.product import SimulatedProduct, product_yaml

if TYPE_CHECKING:
    import polars as pl

_BOOKKEEPING = ("$pageleave", "$identify")
_KEPT = {
    "device_type": "$device_type",
    "browser": "$browser",
    "os": "$os",
    "country": "$geoip_country_code",
    "page": "$current_url",
    "text": "$el_text",
}


def write_csv(product: SimulatedProduct, days: Iterable[date], out_dir: Path) -> Iterator[Path]:
    """Writes `product.yaml` and `events-YYYY-MM-DD.csv` for each day into `out_dir`, naming each CSV once it is there.

    The folder is made when absent; files of the same names are replaced. Days not yet asked for are not yet written.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    (out_dir / "product.yaml").write_text(product_yaml(), encoding="utf-8")
    for day, events in product.events_by_day(days):
        path = out_dir / f"events-{day}.csv"
        _rows(events).write_csv(path)
        yield path


def _rows(events: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    told = events.filter(~pl.col("event").is_in(_BOOKKEEPING) & (pl.col("person_properties") != "{}"))
    properties = pl.col("properties")
    address = _text(properties, "$current_url")
    return told.select(
        user_id=_text(pl.col("person_properties"), "email"),
        timestamp=pl.col("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"),
        action=pl.when(pl.col("event") == "$pageview").then(address).otherwise("event"),
        metadata=pl.concat_str([pl.lit("{"), *_metadata(properties), pl.lit("}")]),
    )


def _metadata(properties: "pl.Expr") -> "list[pl.Expr]":
    import polars as pl

    pieces = [pl.lit('"plan":"'), _text(pl.col("person_properties"), "plan"), pl.lit('"')]
    for name, key in _KEPT.items():
        value = _text(properties, key)
        member = pl.concat_str([pl.lit(f',"{name}":"'), value, pl.lit('"')])
        pieces.append(pl.when(value.is_null()).then(pl.lit("")).otherwise(member))
    return pieces


def _text(json: "pl.Expr", key: str) -> "pl.Expr":
    """The text of a member. What is simulated has no escapes in its texts."""
    return json.str.extract(f'"{re.escape(key)}":"([^"]*)"')
