"""What the picture of a day's personas needs, read from the lake. How it is drawn is `picture`.

Of many users a sample is drawn: every n-th in order of place, so that the same day always looks the same.
"""

from __future__ import annotations

from datetime import date

from user_intel.errors import InputError
from user_intel.lake import Lake
from user_intel.segment import summary
from user_intel.segment.picture import MOST_DOTS, Dots, Shown, picture

_DAYS = 14


def illustrated(lake: Lake, day: date) -> bytes:
    """A PNG of the personas of a day. Raises InputError where it was not clustered."""
    import polars as pl

    found = summary.verdict(lake, day)
    if found is None:
        raise InputError(f"{day} was not clustered. Next: user-intel run --from {day} --to {day} --select segment")
    shown = [
        Shown(each.key, each.name, each.colour, each.users, each.share, each.standing)
        for each in summary.profiles(lake, day)
        if each.status != "gone"
    ]
    places = summary.places(lake, day)
    sampled = places.gather_every(max(1, -(-len(places) // MOST_DOTS)))
    keys: list[str | None] = [None, *(each.key for each in shown)]
    dots = [
        Dots(key, sampled.filter(pl.col("cluster_key").eq_missing(key)).select("x", "y").to_numpy()) for key in keys
    ]
    shares = {
        each.day: {persona.key: persona.users / each.users for persona in each.personas if each.users}
        for each in summary.sizes(lake, day, _DAYS)
    }
    return picture(day, shown, dots, found.users, shares, found.words)
