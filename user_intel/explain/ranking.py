"""The order of a day's feed, and what of it stays quiet: severity, and what people said of earlier insights.

place: by severity x what was said of its kind x what was said of its subject. Of u useful and d dismissed (or wrong)
problems of a kind the factor is 2 (u + prior) / (u + d + 2 prior): 1 with nothing said, less than 2 whatever is said;
both together stay between 1 / most and most. A problem counts once, with the last word said about it.

quiet: the problem itself, or the same one in another segment, was dismissed or called wrong last; or so many problems
of its subject, or of its kind on different subjects, that all of them are meant, and none of them was called useful.
What is quiet is heard again when it is clearly worse than it was then: its 95 % interval lies beyond that of the
dismissed one, or it hits a share of the active users whose interval does. Of what was only like it, the share tells.

Feedback counts when it is about an insight of an earlier day, `feedback_days` back at most, and until the day it was
given for. So a rerun of an old day knows what it knew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from user_intel.detect.statistics import wilson
from user_intel.detect.wording import KINDS, PainPoint, fact
from user_intel.explain.untrusted import readable
from user_intel.product import Explain
from user_intel.state.records import Feedback

# How a pain point stood on an earlier day; None where that is not known any more.
Earlier = Callable[[str, date], PainPoint | None]


@dataclass(frozen=True)
class Placed:
    """A pain point at its place in the day's feed, from 1; and why it is quiet, where it is."""

    found: PainPoint
    place: int
    quiet_because: str | None

    @property
    def quiet(self) -> bool:
        """Whether feedback asked not to be told of it, and it did not get clearly worse."""
        return self.quiet_because is not None


@dataclass(frozen=True)
class _Kept:
    """Why something would be quiet, and the dismissed problems it is compared with."""

    because: str
    dismissed: Sequence[Feedback]


def last_words(feedback: Iterable[Feedback], day: date, rules: Explain) -> list[Feedback]:
    """The last word about each pain point that counts on `day`, in an order that is always the same."""
    counting = [each for each in feedback if _counts(each, day, rules)]
    last: dict[str, Feedback] = {}
    for each in sorted(counting, key=lambda said: (said.day, said.at, said.by)):
        last[each.pain_point_id] = each
    return [last[id_] for id_ in sorted(last)]


def placed(found: Sequence[PainPoint], words: Sequence[Feedback], rules: Explain, earlier: Earlier) -> list[Placed]:
    """The pain points of a day in the order of its feed, quiet ones last. `words`: the `last_words` of that day."""
    quiet = {each.pain_point_id: _quiet_because(each, words, rules, earlier) for each in found}

    def order(each: PainPoint) -> tuple[bool, float, str, str]:
        score = (each.severity or 0.0) * factor(each, words, rules)
        return quiet[each.pain_point_id] is not None, -score, each.priority, each.pain_point_id

    ordered = sorted(found, key=order)
    return [Placed(each, place, quiet[each.pain_point_id]) for place, each in enumerate(ordered, 1)]


def factor(found: PainPoint, words: Sequence[Feedback], rules: Explain) -> float:
    """By how much feedback multiplies the severity of a pain point."""
    of_kind = _opinion([word for word in words if word.kind == found.kind], rules.feedback_prior)
    of_subject = _opinion([word for word in words if word.subject == found.subject], rules.feedback_prior)
    return min(max(of_kind * of_subject, 1 / rules.most_feedback), rules.most_feedback)


def _counts(said: Feedback, day: date, rules: Explain) -> bool:
    in_time = day - timedelta(days=rules.feedback_days) <= said.day < day
    return in_time and not (said.until is not None and day >= said.until)


def _opinion(words: Sequence[Feedback], prior: float) -> float:
    useful = sum(word.verdict == "useful" for word in words)
    return 2 * (useful + prior) / (len(words) + 2 * prior)


def _quiet_because(found: PainPoint, words: Sequence[Feedback], rules: Explain, earlier: Earlier) -> str | None:
    own = next((word for word in words if word.pain_point_id == found.pain_point_id), None)
    if own is not None:
        # What was said about the problem itself goes before all that was said about others like it.
        kept = None if own.verdict == "useful" else _Kept(_said(own), [own])
    else:
        kept = _like_it(found, words, rules)
    if kept is None:
        return None
    then = [earlier(word.pain_point_id, word.day) for word in kept.dismissed]
    known = [each for each in then if each is not None]
    # Of what is not known any more nobody can say that it got worse.
    worse = len(known) == len(then) and all(clearly_worse(found, each) for each in known)
    return None if worse else kept.because


def _like_it(found: PainPoint, words: Sequence[Feedback], rules: Explain) -> _Kept | None:
    """What was said of the same problem in other segments, else of its subject, else of its kind."""
    same = [word for word in words if (word.kind, word.subject) == (found.kind, found.subject)]
    if dismissed := _all_dismissed(same):
        last = max(dismissed, key=lambda word: word.day)
        return _Kept(f"the same of {readable(last.segment)} was {_said(last)}", dismissed)
    of_subject = _all_dismissed([word for word in words if word.subject == found.subject])
    if len(of_subject) >= rules.quiet_subject_after:
        return _Kept(
            f"{len(of_subject)} problems of {readable(found.subject)} were dismissed, {_last_on(of_subject)}",
            of_subject,
        )
    of_kind = _all_dismissed([word for word in words if word.kind == found.kind])
    subjects = {word.subject for word in of_kind}
    if len(subjects) >= rules.quiet_kind_after:
        name = KINDS[found.kind].name
        return _Kept(f"{name} was dismissed on {len(subjects)} subjects, {_last_on(of_kind)}", of_kind)
    return None


def _all_dismissed(words: Sequence[Feedback]) -> list[Feedback]:
    """All of them when none is useful; else none."""
    return [] if any(word.verdict == "useful" for word in words) else list(words)


def _said(word: Feedback) -> str:
    verdict = "called wrong" if word.verdict == "wrong" else "dismissed"
    return f"{verdict} on {word.day}" + (f": {word.reason}" if word.reason else "")


def _last_on(words: Sequence[Feedback]) -> str:
    return f"the last on {max(word.day for word in words)}"


def clearly_worse(now: PainPoint, then: PainPoint) -> bool:
    """Whether `now` lies beyond `then` with all of both intervals: its measure, where it is the same, or its users."""
    same = now.pain_point_id == then.pain_point_id
    return (same and _measure_is_beyond(now, then)) or _hits_clearly_more(now, then)


def _measure_is_beyond(now: PainPoint, then: PainPoint) -> bool:
    if None in (now.low, now.high, then.low, then.high):
        return False
    if now.kind == "anomaly":
        # low and high are what is ordinary: it has to lie further off by another half of that.
        return _ordinary_halves(now) >= _ordinary_halves(then) + 1
    more_is_worse = then.value >= then.expected
    return bool(now.low > then.high if more_is_worse else now.high < then.low)  # type: ignore[operator]  # not None


def _ordinary_halves(found: PainPoint) -> float:
    half = ((found.high or 0.0) - (found.low or 0.0)) / 2
    return abs(found.value - found.expected) / half if half > 0 else 0.0


def _hits_clearly_more(now: PainPoint, then: PainPoint) -> bool:
    active_now, active_then = fact(now, "active_users"), fact(then, "active_users")
    if not active_now or not active_then:
        return False
    low, _ = wilson(now.users, active_now)
    _, high = wilson(then.users, active_then)
    return bool(low > high)


def earlier_of(days: Mapping[date, Mapping[str, PainPoint]]) -> Earlier:
    """Looks earlier pain points up among those of some days."""
    return lambda pain_point_id, day: days.get(day, {}).get(pain_point_id)
