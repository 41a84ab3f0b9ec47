"""The narrator on a day or a week: what to do first and why, what changed, what it costs, who the users are now."""

from __future__ import annotations

from user_intel.detect.wording import element
from user_intel.explain.claims import BriefingDraft, Claim
from user_intel.explain.facts import EVERYBODY, Fact, FactTable
from user_intel.explain.narrator_advice import advice_for
from user_intel.explain.telling import counted, facts_like, listed, n, sentences, written


def narrate_briefing(table: FactTable) -> BriefingDraft:
    """The text of a briefing from its fact table."""
    texts = {"title": _title(table), "text": _text(table)}
    claims: list[Claim] = []
    said: dict[str, str] = {}
    for field, text in texts.items():
        said[field], bound = written(table, field, text)
        claims += bound
    return BriefingDraft(**said, claims=claims)


def _title(table: FactTable) -> str:
    when = n("day") if table.subject == "day" else f"{n('first_day')} to {n('day')}"
    if not table["problems"].number:
        return f"{when}: no problem stands out"
    new = f", {n('new')} of them new" if table.get("new") and table["new"].number else ""
    return f"{when}: {counted(table, 'problems', 'problems')}{new}"


def _text(table: FactTable) -> str:
    parts = [_first(table), _changes(table), _then(table), _costs(table), _traffic(table), _personas(table)]
    return "\n\n".join(part for part in parts if part)


def _first(table: FactTable) -> str:
    kind = table.get("p0_kind")
    if kind is None:
        return "**Nothing to do first.** No problem stands out from what is usual."
    name, *notes = str(kind.value).split(":")
    advice = advice_for(name, kind.about, kind.segment, notes)
    why = "It stands first in the feed, which goes by severity and by your feedback."
    return f"**What to do first.** {_problem(table, 0)} {why} To try: {advice.recommendation}"


def _problem(table: FactTable, place: int) -> str:
    """A problem in a line: what and where, how much of it, whom it hit, what it costs."""
    value = table[f"p{place}_value"]
    whose = "" if value.segment == EVERYBODY else f" for {value.segment}"
    what = f"{_metric(value)} at {_where(value)}{whose}: {n(value.id)}, {n(f'p{place}_expected')} expected"
    users = table.get(f"p{place}_users_hit")
    hit = f"{counted(table, users.id)} met it" if users and not value.what.startswith("adoption") else (
        f"{counted(table, users.id)} did without it" if users else "")  # fmt: skip
    lost, usd = table.get(f"p{place}_lost_conversions"), table.get(f"p{place}_lost_usd")
    worth = f", worth at least {n(usd.id)}" if usd and usd.number >= 1 else ""
    cost = f"at least {counted(table, lost.id, 'conversions')} lost{worth}" if lost and lost.number >= 0.5 else ""
    return sentences("; ".join(part for part in (what, hit, cost) if part))


def _metric(value: Fact) -> str:
    return value.what if ":" not in value.what else "what is seen"


def _where(value: Fact) -> str:
    """Its place; an element with the step it stands on, a loop with its steps."""
    names = list(value.about)
    if "click" in value.what:
        return f"{element(names[0])} on {names[-1]}"
    return listed(names[1:]) if value.what == "loop rate" and len(names) > 2 else names[0]


def _changes(table: FactTable) -> str:
    if not table.get("before"):
        return ""
    words = {
        "new": "new",
        "gone": "gone",
        "worse": "worse than in the window before",
        "better": "better than in the window before",
    }
    moved = [f"{counted(table, each, 'problems')} {word}" for each, word in words.items() if table[each].number]
    gone = [f"- No longer there: {_metric(table[each])} at {_where(table[each])}{_for(table[each])}, {n(each)} before"
            for each in facts_like(table, "g") if each != "gone"]  # fmt: skip
    said = "; ".join(moved) if moved else "the problems are those that were known then"
    return "\n".join([f"**What changed since {n('before')}.** {sentences(said)}", *gone])


def _for(fact: Fact) -> str:
    return "" if fact.segment == EVERYBODY else f" for {fact.segment}"


def _then(table: FactTable) -> str:
    places = [
        each.removeprefix("p").removesuffix("_value") for each in facts_like(table, "p") if each.endswith("_value")
    ]
    others = [int(place) for place in places if place.isdigit() and place != "0"]
    return "\n".join(["**Then.**", *(f"- {_problem(table, place)}" for place in others)]) if others else ""


def _costs(table: FactTable) -> str:
    flows = [
        f"{counted(table, each, 'conversions')} of {each.removeprefix('lost:')}" for each in facts_like(table, "lost:")
    ]
    if not flows:
        return ""
    worth = f", worth at least {n('lost_usd')}" if table.get("lost_usd") else ""
    return f"**What it costs.** All problems together go with at least {listed(flows)} lost{worth}."


def _traffic(table: FactTable) -> str:
    now = table.get("sessions")
    if now is None:
        return ""
    if not table.get("sessions_before"):
        return f"**Traffic.** {counted(table, 'sessions')}."
    return f"**Traffic.** {counted(table, 'sessions')}, {n('sessions_before')} a week before."


def _personas(table: FactTable) -> str:
    lines = [_persona(table, each) for each in ("c0", "c1", "c2", "c3")]
    told = [f"- {line}" for line in lines if line]
    return "\n".join(["**Who the users are.**", *told]) if told else ""


def _persona(table: FactTable, which: str) -> str:
    share, before = table.get(f"{which}_share"), table.get(f"{which}_before")
    if share is None:
        return f"{before.about[0]}: gone, {n(before.id)} of all users before" if before else ""
    if share.role == "new" or before is None:
        return f"{share.about[0]}: new, {n(share.id)} of all users"
    way = "up" if share.direction == "more" else "down"
    return f"{share.about[0]}: {n(share.id)} of all users, {way} from {n(before.id)} before"
