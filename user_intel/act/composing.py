"""A ticket and its comments put together from a case: the same for the same case, in no format of anybody's.

Belongs here: what stands where. The words of single lines are `wording`'s; how they are written down for Jira Cloud
and Server, and shortened where they do not fit, is `adf.py`, `wiki.py` and `payload.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from user_intel.act import wording
from user_intel.act.cases import Case, Insight
from user_intel.act.clips import Footage
from user_intel.act.document import (
    Block,
    Document,
    Link,
    Text,
    bullets,
    code,
    heading,
    line,
    paragraph,
    strong,
    table,
)
from user_intel.act.tickets import FieldValue, NewTicket, label_of
from user_intel.detect.wording import PainPoint
from user_intel.product import Jira

_KEPT = (
    "user_intel keeps this ticket up to date: new numbers as a comment at most once in {days} days while the problem "
    "stays, and one comment if it is still there after the ticket is done. Closed as Won't Do, it is not told of again."
)
NO_FOOTAGE = Footage()
_ANY_LETTERS = re.compile(r"[^0-9a-z]")


def identity_label(identity: str) -> str:
    """The label by which the ticket of a pain point, or of a report, is found again."""
    return label_of(f"user-intel-{identity.replace(':', '-')}")


def ticket_of(case: Case, chosen: Jira, links: Sequence[Link] = (), footage: Footage = NO_FOOTAGE) -> NewTicket:
    """The ticket of a case. The clips of `footage` are to be attached under their names."""
    return NewTicket(
        summary=wording.title(case.found),
        description=_description(case, chosen, links, footage),
        identity=case.pain_point_id,
        labels=(*chosen.labels, identity_label(case.pain_point_id)),
        priority=chosen.priorities.get(case.found.priority),  # type: ignore[call-overload]  # P0..P3 by the table
        components=(chosen.component,) if chosen.component else (),
        fields={name: _filled(value, case) for name, value in chosen.custom_fields.items()},
    )


def still_there(case: Case) -> Document:
    """The comment that tells the new numbers of a problem whose ticket is open."""
    lead = paragraph(strong("Still there. "), f"{wording.numbers_now(case.found)}.")
    return _comment(case, "recurring", lead)


def still_there_after(case: Case, resolved_on: date) -> Document:
    """The comment on a ticket that was done on `resolved_on` while the problem stays."""
    days = (case.found.day - resolved_on).days
    lead = paragraph(
        strong("The problem is still there"), f" {days} days after this ticket was done ({resolved_on}). ",
        f"{wording.numbers_now(case.found)}.",
    )  # fmt: skip
    return _comment(case, "reopened", lead)


def mark_of(insight_id: str, kind: str, day: date) -> str:
    """The last line of a comment, by which it is known again."""
    return f"user_intel {day}: {insight_id}, {kind}"


def carries(text: str, mark: str) -> bool:
    """Whether a comment's text ends with `mark`, whatever its formatting made of it."""
    return _letters(text).endswith(_letters(mark))


def _letters(text: str) -> str:
    return _ANY_LETTERS.sub("", text.lower())


def _comment(case: Case, kind: str, lead: Block) -> Document:
    return Document((lead, _evidence(case.found), paragraph(mark_of(case.insight_id, kind, case.found.day))))


def _description(case: Case, chosen: Jira, links: Sequence[Link], footage: Footage) -> Document:
    told, found = case.insight, case.found
    blocks: list[Block] = [
        heading(2, "What happens"),
        paragraph(told.problem),
        paragraph(told.why_it_matters),
        heading(2, "Evidence"),
        _evidence(found),
        paragraph(*_whereabouts(found)),
        *_sights(footage),
        heading(2, "Probable cause (a guess, not a finding)"),
        paragraph(told.hypothesis),
        heading(2, "Recommendation"),
        paragraph(told.recommendation),
        heading(2, "How it will be verified"),
        paragraph(told.verification),
    ]
    if links or footage.clips:
        attached = [line("Attached, personal data masked: ", code(clip.name)) for clip in footage.clips]
        blocks += [heading(2, "See for yourself"), bullets([*map(line, links), *attached])]
    blocks += [paragraph(_KEPT.format(days=chosen.comment_days)), paragraph(_origin(told, found))]
    return Document(tuple(blocks))


def _sights(footage: Footage) -> list[Block]:
    return [paragraph("Seen in recordings:"), bullets(footage.seen)] if footage.seen else []


def _evidence(found: PainPoint) -> Block:
    return table(wording.EVIDENCE_COLUMNS, wording.evidence(found))


def _whereabouts(found: PainPoint) -> list[str | Text]:
    """Where exactly, since when, how certain: what the table does not say."""
    where: list[str | Text] = ["Where: "]
    for number, name in enumerate(found.subjects):
        where += [", "] if number else []
        where.append(code(name))
    certain = "" if found.q_value is None else f"; chance of so much if nothing were wrong: {_chance(found.q_value)}"
    severity = "" if found.severity is None else f", severity {found.severity:.0f} of 100"
    since = f"; first seen {found.first_day}, last {found.last_day}, on {found.days_seen} days"
    return [*where, f"; {found.priority}{severity}{since}{certain}."]


def _chance(q_value: float) -> str:
    return "under 0.0001" if q_value < 0.0001 else f"{q_value:.2g}"


def _origin(told: Insight, found: PainPoint) -> str:
    writer = "the offline narrator" if told.provider == "offline" else f"{told.provider}'s {told.model}"
    return (
        f"Found by user_intel on {found.day} in {found.source_table} ({found.kind}), written by {writer}; every number "
        f"was checked against its query. {told.insight_id}, pain point {told.pain_point_id}."
    )


def _filled(value: object, case: Case) -> FieldValue:
    """A custom field's value with its placeholders filled in; one that is nothing else keeps its number's type."""
    known: dict[str, str | float | None] = {
        "severity": case.found.severity, "priority": case.found.priority, "kind": case.found.kind,
        "segment": case.found.segment, "insight_id": case.insight_id,
    }  # fmt: skip
    if isinstance(value, str):
        for name, meant in known.items():
            if value == f"{{{name}}}":
                return meant if meant is not None else ""
            value = value.replace(f"{{{name}}}", "" if meant is None else str(meant))
        return value
    if isinstance(value, list):
        return [str(_filled(each, case)) for each in value]
    if isinstance(value, dict):
        return {name: _filled(each, case) for name, each in value.items()}
    return value  # type: ignore[return-value]  # a number or a truth value, as YAML gives it
