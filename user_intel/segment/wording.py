"""What is known of a persona, in words that a person without SQL understands; every number beside that of the rest.

Takes rows of `cluster_profiles` as they are stored and works nothing out anew. Problems are said as `detect.wording`
says them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from user_intel.detect.wording import PainPoint, counted, heading, percent
from user_intel.segment.summary import Profile, Verdict
from user_intel.segment.terms import quantity, term

MOST_TRAITS = 4
_STANDINGS = {
    "stable": "found again whenever users are drawn anew",
    "doubtful": "doubtful: with other users drawn it may look otherwise",
    "unstable": "unstable: with other users drawn it may not be there",
}
_KINDS = {
    "born": "new: {to} from {from_} ({users})",
    "died": "gone: {from_}, now {to} ({users})",
    "merged": "merged: {from_} into {to} ({users})",
    "split": "split: {to} out of {from_} ({users})",
    "moved": "{users} from {from_} to {to}",
}
_NOWHERE = {"noise": "no group", "absent": "users not there before"}
_NOT_THERE_NOW = "users not there any more"


def overview(found: Verdict, groups: int, days: int) -> str:
    """How many groups a day has, of how many users, and how far to trust them; or why there are none."""
    when = f"{found.day} and the {days - 1} days before"
    if not groups:
        return f"{when}: no groups of users. {found.words}".rstrip()
    none = f", {percent(found.noise_share)} of them in none" if found.noise_share is not None else ""
    return f"{when}: {counted(groups, 'group')} of {counted(found.users, 'user')}{none}"


def quality(found: Verdict) -> str:
    """How alike the groups come out again; empty where that was not measured."""
    told = []
    if found.seed_agreement is not None:
        told.append(f"agreement between seeds {found.seed_agreement:.2f} (1: the same groups whatever the seed)")
    if found.dbcv is not None:
        told.append(f"density-based validity {found.dbcv:.2f} (-1 to 1)")
    return "; ".join(told)


def size(found: Profile) -> str:
    """How many users, where their share is going, since when the group is there."""
    row = found.row
    if found.status == "gone":
        before = f": {percent(row['share_before'])} of users on {row['compared_with']}" if row["compared_with"] else ""
        return f"gone{before}"
    trend = found.status
    if found.status in ("grown", "shrunk", "stable") and row["share_before"] is not None:
        much = "still" if found.status == "stable" else found.status
        trend = f"{much}: {percent(row['share_before'])} on {row['compared_with']}"
    return f"{counted(found.users, 'user')}, {percent(found.share)} of all; {trend}; first seen on {row['first_day']}"


def standing(found: Profile) -> str:
    """Whether the group is one that would be found again; empty where that was not measured."""
    stability = found.row["stability"]
    return f"{_STANDINGS[found.standing]} ({stability:.2f})" if stability is not None else ""


def traits(found: Profile, most: int = MOST_TRAITS) -> list[str]:
    """What sets it apart, the strongest of every family first: plain numbers, and the rest's."""
    families, told = set(), []
    for trait in found.row["traits"]:
        if (family := term(trait["feature"]).family) not in families:
            families.add(family)
            told.append(trait_words(trait))
    return told[:most]


def trait_words(trait: Mapping[str, Any]) -> str:
    """One trait: means of shares; medians of what has heavy tails, unless the medians are the same."""
    unit = trait["unit"]
    in_middle = unit != "share" and trait["median"] != trait["rest_median"]
    mine, rest = (trait["median"], trait["rest_median"]) if in_middle else (trait["mean"], trait["rest"])
    middle = " (median)" if in_middle else ""
    return f"{term(trait['feature']).what}: {quantity(mine, unit)}, the rest {quantity(rest, unit)}{middle}"


def path(walked: Mapping[str, Any]) -> str:
    """A way that its sessions take."""
    ways = " > ".join(walked["steps"])
    return f"{ways} in {percent(walked['share'])} of its sessions, {percent(walked['rest'])} of the rest's"


def journey(exemplar: Mapping[str, Any]) -> str:
    """A session of one of its most typical users."""
    steps = exemplar["steps"]
    more = f" > ... {exemplar['step_count'] - len(steps)} more" if exemplar["step_count"] > len(steps) else ""
    return f"{exemplar['weekday']}, {exemplar['hour']} h: {' > '.join(steps)}{more}"


def trouble(hit: Mapping[str, Any], known: Mapping[str, PainPoint]) -> str:
    """A problem that its users meet more than the rest."""
    problem = known.get(hit["pain_point_id"])
    what = heading(problem) if problem else f"pain point {hit['pain_point_id']}"
    met = f"met by {percent(hit['rate'])} of its users ({percent(hit['low'])} to {percent(hit['high'])})"
    return f"{what}: {met}, the rest {percent(hit['rest'])}"


def outcome(found: Profile) -> str:
    """What becomes of its users; empty where nothing is known."""
    said = {"goal": "reach a goal", "return": "come back in the last week"}
    return "; ".join(
        _rate(found.row, name, words) for name, words in said.items() if found.row[f"{name}_rate"] is not None
    )


def _rate(row: Mapping[str, Any], name: str, words: str) -> str:
    spread = f"{percent(row[f'{name}_low'])} to {percent(row[f'{name}_high'])}"
    rest = "" if row[f"{name}_rest"] is None else f", the rest {percent(row[f'{name}_rest'])}"
    return f"{percent(row[f'{name}_rate'])} {words} ({spread}){rest}"


def moves(rows: Sequence[tuple[str, str, int, str]], names: Mapping[str, str]) -> Iterator[str]:
    """Births, deaths, mergers, splits and other moves, a line each."""
    for from_key, to_key, users, kind in rows:
        from_ = names.get(from_key) or _NOWHERE.get(from_key, from_key)
        to = names.get(to_key) or (_NOT_THERE_NOW if to_key == "absent" else _NOWHERE.get(to_key, to_key))
        yield _KINDS.get(kind, _KINDS["moved"]).format(from_=from_, to=to, users=counted(users, "user"))
