"""The narrator: text from facts alone, the same for the same facts, where no model is asked or none tells the truth.

It says what `detect.wording` says wherever that has the words. What it writes is checked as a model's text is.
"""

from __future__ import annotations

from dataclasses import replace

from user_intel.detect import wording
from user_intel.detect.wording import EVERYBODY, PainPoint
from user_intel.explain.claims import Claim, InsightDraft
from user_intel.explain.facts import FactTable
from user_intel.explain.insight_facts import METRIC_WORDS, is_dated
from user_intel.explain.narrator_advice import advice_for
from user_intel.explain.narrator_briefings import narrate_briefing
from user_intel.explain.narrator_personas import narrate_persona
from user_intel.explain.telling import counted, listed, n, sentences, written
from user_intel.explain.vocabulary import shown_point

__all__ = ["narrate", "narrate_briefing", "narrate_persona"]


def narrate(found: PainPoint, table: FactTable) -> InsightDraft:
    """The text of a pain point from its fact table."""
    told = shown_point(found)
    notes = [str(note) for note in told.facts.get("notes", ())]
    advice = advice_for(told.kind, told.subjects, told.segment, notes)
    texts = {
        "title": wording.heading(replace(told, flow=None), (n("value"), n("expected"))),
        "problem": _problem(told, table),
        "why_it_matters": _why_it_matters(told, table),
        "hypothesis": advice.hypothesis,
        "recommendation": advice.recommendation,
        "verification": _verification(told, table),
    }
    claims: list[Claim] = []
    said: dict[str, str] = {}
    for field, text in texts.items():
        said[field], bound = written(table, field, text)
        claims += bound
    return InsightDraft(**said, claims=claims)


def _problem(found: PainPoint, table: FactTable) -> str:
    return sentences(_what(found, table), _how_sure(table), _since(found, table), *_also(found, table))


def _whose(found: PainPoint) -> str:
    return "" if found.segment == EVERYBODY else f" with {found.segment}"


def _what(found: PainPoint, table: FactTable) -> str:
    if found.kind == "anomaly":
        return wording.heading(found, (n("value"), n("expected")))
    whose, place, value = _whose(found), found.place, n("value")
    button = wording.element(found.subject)
    happens = {
        "drop_off": f"of the sessions{whose} that come to {place}, {value} end there",
        "slow_step": f"visits of {place}{whose} take {value} in the median",
        "underused_feature": f"{found.subject} is used in {value} of the sessions{whose} that could use it",
        "rage_click": f"of the sessions{whose} that come to {place}, {value} click {button} again and again",
        "dead_click": f"of the sessions{whose} that come to {place}, {value} click {button} and nothing happens",
        "error_click": f"of the sessions{whose} that come to {place}, {value} click {button} and meet an error",
        "u_turn": f"of the sessions{whose} that come to {place}, {value} turn back at once",
        "form_abandonment": f"of the sessions{whose} that begin the form at {place}, {value} do not send it",
        "rapid_exit": f"of the sessions{whose} that come to {place}, {value} leave within seconds",
        "loop": f"of the sessions{whose} that come by, {value} {_circle(found)}",
    }.get(found.kind, f"at {place} it is {value}")
    return f"{happens}; {n('expected')} was expected{_apart(table)}"


def _circle(found: PainPoint) -> str:
    *first, last = found.subjects
    if len(found.subjects) == 2:
        return f"go back and forth between {first[0]} and {last}"
    return f"go round in circles through {', '.join(first)} and {last}"


def _apart(table: FactTable) -> str:
    """How many times as much, where that says more than the two numbers."""
    times = table.get("times")
    return f", which makes it {n('times')} as much" if times and times.number >= 1.5 else ""


def _how_sure(table: FactTable) -> str:
    if not (table.get("low") and table.get("high")):
        return ""
    return f"the 95 % interval is {n('low')} to {n('high')}"


def _since(found: PainPoint, table: FactTable) -> str:
    trend = {
        "worse": "it is getting worse than in the days before",
        "better": "it is getting better than in the days before",
        "same": "it is much as in the days before",
    }.get(found.trend, "it is new")
    seen = counted(table, "days_seen")
    if not is_dated(found):
        return f"it was seen on {seen} and is as old as the data; {trend}"
    return f"it was seen on {seen} since {n('first_day')}; {trend}"


def _also(found: PainPoint, table: FactTable) -> list[str]:
    """What else was found there, at most two of it."""
    told = []
    for place, each in enumerate(found.facts.get("also", ())[:2]):
        name = wording.KINDS[each["kind"]].name if each["kind"] in wording.KINDS else each["kind"]
        subject = wording.element(each["subject"]) if each["kind"].endswith("_click") else each["subject"]
        whom = "" if each["segment"] == EVERYBODY else f" for {each['segment']}"
        expected = f"{n(f'also{place}_expected')} expected"
        told.append(f"taken for the same problem: {name} at {subject}{whom}, {n(f'also{place}')} and {expected}")
    return told if table.get("also0") else []


def _why_it_matters(found: PainPoint, table: FactTable) -> str:
    if found.kind == "anomaly":
        blind = (
            "what cannot be seen cannot be judged: until it is mended, figures that rest on it are not to be trusted"
        )
        away = "what people no longer do cannot help them or you"
        return sentences(away if found.facts.get("notes") == ["volume"] else blind, f"it is a {found.priority}")
    share = f", {n('users_hit_share')} of active users" if table.get("users_hit_share") else ""
    met = "did without it" if found.kind == "underused_feature" else "met it"
    people = f"{counted(table, 'users_hit')} {met} in {counted(table, 'sessions_hit')}{share}: a {found.priority}"
    return sentences(people, _cost(found, table), _goal(found, table))


def _cost(found: PainPoint, table: FactTable) -> str:
    lost = table.get("lost_conversions")
    if lost is None:
        return "it lies on no flow, so no price is put on it"
    if lost.number < 0.5:
        return f"no loss for {found.flow} is sure"
    usd = table.get("lost_usd")
    worth = f", worth at least {n('lost_usd')}" if usd and usd.number >= 1 else ""
    return f"it goes with at least {_whole(table)} of {found.flow} lost{worth}"


def _whole(table: FactTable) -> str:
    return counted(table, "lost_conversions", "conversions")


def _goal(found: PainPoint, table: FactTable) -> str:
    if not table.get("goal_rate") or table["goal_rate"].direction != "less":
        return ""
    return (
        f"of the sessions hit, {n('goal_rate')} reach the goal of {found.flow}, of the others {n('goal_rate_without')}"
    )


def _verification(found: PainPoint, table: FactTable) -> str:
    if found.kind == "anomaly":
        noun = f" {table['value'].noun}" if table["value"].unit == "number" else ""
        return sentences(
            f"watch {_measured(found)} in the days after the change: "
            f"it should come back to the {n('expected')}{noun} expected"
        )
    metric = METRIC_WORDS.get(found.metric, found.metric)
    way = "rise" if table["value"].direction == "less" else "fall"
    days = counted(table, "watch_days")
    what = f"{metric} of {found.subject}" if found.kind == "underused_feature" else f"{metric} at {_where(found)}"
    return sentences(
        f"watch the {what}{_whose(found)} over {days} after the change: "
        f"it should {way} from {n('value')} towards the {n('expected')} expected",
        f"the goal rate of {found.flow} should not suffer" if found.flow else "",
    )


def _measured(found: PainPoint) -> str:
    """What an anomaly is one of, in words."""
    kind, _, name = found.subject.partition(":")
    if not name:
        return METRIC_WORDS.get(found.metric, f"the number of {found.subject}")
    return {"event": f"the event {name}", "page": f"the page {name}"}.get(kind, f"{kind}s of {name}")


def _where(found: PainPoint) -> str:
    return listed(found.subjects) if found.kind == "loop" else found.place
