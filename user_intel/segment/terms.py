"""How each feature of users is said: what it is, in which unit, and what people are called who have much or little.

Belongs here: the vocabulary alone. A feature that is not in it is still said, by its name. Features of one family tell
much the same (evenings and mornings, sessions and days), so that only the strongest of a family is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from user_intel.detect import wording

Unit = Literal["share", "s", "days", "count", "bits", "ratio"]


@dataclass(frozen=True)
class Term:
    """One feature. `much` and `little` follow a name ("Evening users, rarely finish checkout"); `who_*` begin it.

    `telling`: how well it characterises people beside others, 0..1. It orders traits, it is no statistic.
    """

    family: str
    what: str
    unit: Unit
    much: str
    little: str
    who_much: str = ""
    who_little: str = ""
    telling: float = 1.0


@dataclass(frozen=True)
class _Pattern:
    """Features under a name of the product's own: `step_shares: /cart`. `{name}` stands for it."""

    family: str
    what: str
    unit: Unit
    much: str
    little: str
    who_much: str = ""
    telling: float = 1.0


_TERMS: dict[str, Term] = {
    "sessions": Term("often", "sessions", "count", "come often", "come rarely", "Frequent users", "Rare users", 0.9),
    "active_days": Term(
        "often", "days with a session", "count", "come on many days", "come on few days", "Frequent users",
        "Rare users", 0.9,
    ),
    "sessions_per_week": Term(
        "often", "sessions a week", "ratio", "come often", "come rarely", "Frequent users", "Rare users", 0.8,
    ),
    "median_gap_days": Term(
        "often", "days from one session to the next", "days", "come rarely", "come often", "Rare users",
        "Frequent users",
    ),
    "gap_variation": Term(
        "regularly", "how unevenly sessions are spread", "ratio", "come irregularly", "come regularly",
        "Irregular users", "Regular users", 0.7,
    ),
    "recency_days": Term(
        "recent", "days since the last session", "days", "did not come lately", "came lately", "Users gone quiet",
        "Users seen lately", 0.7,
    ),
    "tenure_days": Term(
        "tenure", "days since the first session of the window", "days", "have long been around", "are not long around",
        "Long-standing users", "Newcomers", 0.6,
    ),
    "new_user": Term("tenure", "new users", "share", "are new", "were known before", "Newcomers", "Known users", 0.6),
    "night_share": Term("hour", "sessions at night", "share", "come at night", "rarely come at night", "Night users"),
    "morning_share": Term(
        "hour", "sessions in the morning", "share", "come in the morning", "rarely come in the morning", "Morning users"
    ),
    "afternoon_share": Term(
        "hour", "sessions in the afternoon", "share", "come in the afternoon", "rarely come in the afternoon",
        "Afternoon users",
    ),
    "evening_share": Term(
        "hour", "sessions in the evening", "share", "come in the evening", "rarely come in the evening", "Evening users"
    ),
    "weekend_share": Term(
        "weekday", "sessions at the weekend", "share", "come at weekends", "come on workdays", "Weekend users",
        "Workday users",
    ),
    "median_duration_s": Term(
        "long", "length of a session", "s", "stay long", "stay briefly", "Long-session users", "Quick visitors"
    ),
    "typical_duration_s": Term(
        "long", "length of a session", "s", "stay long", "stay briefly", "Long-session users", "Quick visitors"
    ),
    "median_depth": Term(
        "deep", "steps in a session", "count", "look at much", "look at little", "Deep browsers", "Brief lookers"
    ),
    "mean_depth": Term(
        "deep", "steps in a session", "ratio", "look at much", "look at little", "Deep browsers", "Brief lookers"
    ),
    "events_per_session": Term(
        "deep", "events in a session", "ratio", "do much in a session", "do little in a session", "Busy users",
        "Brief lookers", 0.9,
    ),
    "visits": Term(
        "deep", "visits of steps", "count", "look at much", "look at little", "Heavy users", "Light users", 0.8
    ),
    "one_step_share": Term(
        "deep", "sessions of one step", "share", "often see one step only", "rarely stop at one step",
        "One-step visitors",
    ),
    "typical_dwell_s": Term(
        "pace", "time spent on a step", "s", "take their time", "move on quickly", "Slow readers", "Fast movers", 0.9
    ),
    "distinct_steps": Term(
        "broad", "different steps", "count", "use many parts", "use few parts", "Explorers", "Single-purpose users", 0.6
    ),
    "step_entropy_bits": Term(
        "broad", "evenness of visits over steps", "bits", "use many parts", "use few parts", "Explorers",
        "Single-purpose users", 0.6,
    ),
    "revisit_share": Term(
        "again", "visits to a step seen before", "share", "return to the same steps", "rarely return to a step",
        "Back-and-forth users", "Straight-ahead users", 0.9,
    ),
    "goal_share": Term(
        "goal", "sessions that reached a goal", "share", "often reach a goal", "rarely reach a goal",
        "Users who reach their goal",
    ),
    "loop_share": Term(
        "loop", "sessions going in circles", "share", "go in circles", "rarely go in circles", "Users going in circles"
    ),
    "rage_click_share": Term(
        "clicks", "sessions with rage clicks", "share", "click in rage", "rarely click in rage", "Frustrated clickers"
    ),
    "dead_click_share": Term(
        "clicks", "sessions with dead clicks", "share", "click where nothing happens", "rarely meet dead clicks",
        "Frustrated clickers",
    ),
    "slow_click_share": Term(
        "clicks", "sessions with slow clicks", "share", "wait for slow clicks", "rarely wait for clicks",
        "Users kept waiting",
    ),
    "error_click_share": Term(
        "errors", "sessions with error clicks", "share", "run into errors", "rarely run into errors",
        "Users running into errors",
    ),
    "u_turn_share": Term(
        "turns", "sessions with u-turns", "share", "turn back at once", "rarely turn back", "Users turning back"
    ),
    "form_abandonment_share": Term(
        "forms", "sessions with an abandoned form", "share", "abandon forms", "rarely abandon forms", "Form abandoners"
    ),
    "rapid_exit_share": Term(
        "exits", "sessions left within seconds", "share", "leave within seconds", "rarely leave at once",
        "Users leaving at once",
    ),
    **{
        f"{day}_share": Term(
            "weekday", f"sessions on {day.capitalize()}s", "share", f"come on {day.capitalize()}s",
            f"rarely come on {day.capitalize()}s", f"{day.capitalize()} users",
        )
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    },
}  # fmt: skip

_PATTERNS: dict[str, _Pattern] = {
    "step_shares": _Pattern(
        "at {name}", "visits at {name}", "share", "often visit {name}", "rarely visit {name}", "Users of {name}",
        0.9,
    ),
    "entry_shares": _Pattern(
        "at {name}", "sessions that begin at {name}", "share", "often begin at {name}", "rarely begin at {name}",
        "Users entering at {name}", 0.8,
    ),
    "exit_shares": _Pattern(
        "at {name}", "sessions that end at {name}", "share", "often end at {name}", "rarely end at {name}",
        "Users leaving at {name}", 0.8,
    ),
    "feature_shares": _Pattern(
        "at {name}", "sessions that use {name}", "share", "often use {name}", "rarely use {name}", "Users of {name}"
    ),
    "flow_entry_shares": _Pattern(
        "at {name}", "sessions that begin {name}", "share", "often begin {name}", "rarely begin {name}",
        "Users beginning {name}",
    ),
    "flow_progress": _Pattern(
        "at {name}", "how far they get in {name}", "share", "get far in {name}", "do not get far in {name}",
        "Users getting far in {name}",
    ),
    "flow_completion": _Pattern(
        "goal", "sessions in {name} that finish it", "share", "often finish {name}", "rarely finish {name}",
        "Users finishing {name}",
    ),
    "property_means": _Pattern(
        "{name}", "mean {name}", "ratio", "have high {name}", "have low {name}", "Users of high {name}"
    ),
    "property_totals": _Pattern(
        "{name}", "total {name}", "ratio", "have much {name}", "have little {name}", "Users of much {name}", 0.9
    ),
    "property_counts": _Pattern(
        "{name}", "events with {name}", "count", "often have {name}", "rarely have {name}", "", 0.8
    ),
}  # fmt: skip


def term(feature: str) -> Term:
    """How a feature is said; one that nobody gave words to, by its name."""
    if found := _TERMS.get(feature):
        return found
    kind, _, name = feature.partition(": ")
    pattern = _PATTERNS.get(kind)
    if pattern is None or not name:
        plain = feature.replace("_", " ")
        return Term(feature, plain, "ratio", f"have high {plain}", f"have low {plain}", telling=0.5)
    said = plain_step(name)
    much, little, who = (words.replace("{name}", said) for words in (pattern.much, pattern.little, pattern.who_much))
    family, what = pattern.family.replace("{name}", _part(name)), pattern.what.replace("{name}", said)
    return Term(family, what, pattern.unit, much, little, who, telling=pattern.telling)


def _part(name: str) -> str:
    """The part of the product that a step or flow belongs to: /report/start, /report/details and report are one."""
    return "/".join(name.split("/")[:2]).strip("/") or name


def plain_step(name: str) -> str:
    """A step, feature or flow as a title says it: order_completed is "order completed"; paths stay as they are."""
    said = name if name.startswith(("/", "$", "(")) or "/" in name else name.replace("_", " ")
    said = " ".join(said.removeprefix("mined: ").split())
    return said if len(said) <= 40 else f"{said[:26]}…{said[-12:]}"


def quantity(value: float, unit: Unit) -> str:
    """A value with its unit: 0.41 of "share" is "41 %", 75 of "s" "1 min 15 s", 2.5 of "days" "2.5 days"."""
    if unit == "share":
        return wording.percent(value)
    if unit == "s":
        return wording.duration(value)
    return {"days": "{} days", "bits": "{} bits"}.get(unit, "{}").format(wording.number(round(value, 1)))
