"""What may be behind a kind of problem, and what to change: words for a product manager, by kind. No numbers here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from user_intel.detect.wording import EVERYBODY, element
from user_intel.explain.telling import listed


@dataclass(frozen=True)
class Advice:
    """A guess, said as one, and a change to try."""

    hypothesis: str
    recommendation: str


_ADVICE: dict[str, Advice] = {
    "drop_off": Advice(
        "Something that people need to go on may be missing, unexpected or hard to find at {place}: a cost, a "
        "required account, a slow answer. This is a guess; recordings of such sessions would tell.",
        "Open {place}{whose} and go through it as a newcomer would: say up front what comes next and what it takes, "
        "keep one clear way on, and let people save and return. Then change one thing at a time.",
    ),
    "loop": Advice(
        "People may be looking for something that neither page shows, or the way back may seem the only way on. "
        "This is a guess.",
        "Put what people go back for on each of {circle}, with a clear link to the step that follows.",
    ),
    "slow_step": Advice(
        "{place} may load or answer slowly, or it may ask for more than people have at hand; the time alone does not "
        "tell which. This is a guess.",
        "Compare loading times of {place}{whose} with the days before, beginning with what was released then. If the "
        "page is quick, shorten what it asks: fewer fields, sensible defaults, help beside the field.",
    ),
    "underused_feature": Advice(
        "People may not notice {subject}, or may not see what it is good for where they could use it. This is a guess.",
        "Show {subject}{whose} at the moment it helps, with a word on what it does, and check that its entry is "
        "visible on small screens, too.",
    ),
    "rage_click": Advice(
        "{element} may answer late or not at all, so that it seems not to have been pressed. This is a guess.",
        "Make {element} at {place} answer at once: show that it is working, disable it meanwhile, and say what went "
        "wrong if it fails.",
    ),
    "dead_click": Advice(
        "{element} may look as if it could be pressed without being so, or its handler may be broken. This is a guess.",
        "Make {element} at {place} do what it promises, or make it look like plain text. Check its handler in the "
        "browsers that your users have.",
    ),
    "error_click": Advice(
        "The request behind {element} may fail for some input, or the service it calls may be down at times. This is "
        "a guess.",
        "Find the errors that follow on {element} at {place} in your error tracker, mend the most frequent one, and "
        "tell people what to do when it fails.",
    ),
    "u_turn": Advice(
        "What leads to {place} may promise something that people do not find there. This is a guess.",
        "Match what {place}{whose} shows first with the words of the links that lead there, or send people straight "
        "to what they look for.",
    ),
    "form_abandonment": Advice(
        "The form at {place} may ask for something that people do not have at hand or do not want to give. This is a "
        "guess; the last field touched would tell more.",
        "Ask for less at {place}{whose}: leave out what is not needed yet, say why the rest is, keep what was typed, "
        "and show errors beside the field while typing.",
    ),
    "rapid_exit": Advice(
        "{place} may not be what people expected from the link that brought them, or it may fail to show in time. "
        "This is a guess.",
        "Look at where visitors of {place}{whose} come from, make its first screen say what they came for, and check "
        "that it shows quickly.",
    ),
}
_ANOMALIES: dict[str, Advice] = {
    "tracking": Advice(
        "The recording script may be missing or blocked since a release or a change of consent. This is a guess.",
        "Check that recordings are switched on and that the script loads on every page; compare with the last release.",
    ),
    "vanished": Advice(
        "The event may have been renamed or dropped in a release, or what it tells of may be broken. This is a guess.",
        "Try it by hand: if it works, mend the tracking of {subject}; if it does not, mend the product first.",
    ),
    "volume": Advice(
        "Something that brings people there may have stopped, or the way in may be broken. This is a guess.",
        "Check the ways that lead there, campaigns and links included, then the place itself, beginning with the day "
        "it began.",
    ),
}
_OTHER = Advice(
    "Something may have changed there that people do not expect. This is a guess.",
    "Look at what was changed there when it began, and try it as a newcomer would.",
)


def advice_for(kind: str, subjects: Sequence[str], segment: str, notes: Sequence[str]) -> Advice:
    """The advice for a kind of problem at a place; `notes` tell what kind of anomaly it is."""
    advice = (
        next((_ANOMALIES[note] for note in notes if note in _ANOMALIES), _OTHER)
        if kind == "anomaly"
        else _ADVICE.get(kind, _OTHER)
    )
    words = {
        "place": subjects[-1],
        "subject": subjects[-1] if kind == "anomaly" else subjects[0],
        "element": element(subjects[0]),
        "whose": "" if segment == EVERYBODY else f" for {segment}",
        "circle": listed(list(subjects)),
    }
    return Advice(_filled(advice.hypothesis, words), _filled(advice.recommendation, words))


def _filled(text: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text
