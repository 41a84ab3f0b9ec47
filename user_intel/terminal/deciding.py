"""`user-intel approve`, `dismiss`, `ship`, `feedback`: people decide about insights; `audit` shows who did what."""

import json
import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from user_intel.errors import InputError
from user_intel.lake import Lake, open_lake
from user_intel.state import open_state
from user_intel.state.moves import words
from user_intel.state.publishing import publish, register
from user_intel.state.records import AuditEntry, InsightStatus, Status, Verdict, storable
from user_intel.terminal.console import ERR, OUT

if TYPE_CHECKING:
    from user_intel.state.store import State

# Names that say what no person did.
_NOT_PEOPLE = ("policy", "jira")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Decision:
    """What is to be decided about which insights, by whom and why."""

    insight_ids: Sequence[str]
    to: Status
    by: str | None = None
    reason: str | None = None
    until: date | None = None


def run_decide(asked: Decision) -> None:
    """Decides about all of the insights, or about none where one cannot be, and prints them."""
    with _deciding(asked.insight_ids) as state:
        decided = state.decide_all(
            list(dict.fromkeys(asked.insight_ids)),
            asked.to,
            by=person(asked.by),
            reason=asked.reason,
            until=asked.until,
        )
    for found in decided:
        OUT.print(_told(found), soft_wrap=True)
    if asked.to == "approved":
        ERR.print("Next: user-intel jira create --all-approved --dry-run shows the tickets", highlight=False)


def run_feedback(insight_id: str, verdict: Verdict, *, reason: str | None, by: str | None) -> None:
    """Keeps what a person thinks of an insight, as it was seen last, and prints what it is now."""
    with _deciding([insight_id]) as state:
        given = state.give_feedback(insight_id, verdict, by=person(by), reason=reason)
        found = state.status(insight_id)
    OUT.print(f"{given.by} calls {insight_id} of {given.day} {verdict}", highlight=False, soft_wrap=True)
    if found:
        OUT.print(_told(found), soft_wrap=True)


def run_audit(insight_id: str | None, *, most: int | None, as_json: bool) -> None:
    """Prints who did what when, the last first. Raises InputError where nothing is known of the insight."""
    with open_state() as state:
        entries = state.audit_trail(insight_id, most=None if most is None else most + 1)
        if insight_id and not entries:
            state.known(insight_id)
    shown = entries[:most]
    if as_json:
        for entry in shown:
            print(json.dumps(_as_json(entry), ensure_ascii=False))  # noqa: T201  # for programs
        return
    if not shown:
        ERR.print("Nobody decided anything yet.")
        return
    for entry in shown:
        OUT.print(_entry(entry))
    if len(entries) > len(shown):
        ERR.print("there are older ones: --all shows them", highlight=False)


def person(by: str | None) -> str:
    """Who decides: the name given, else the one this user logs in by."""
    if by is None:
        try:
            return pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            raise InputError("This user has no login name; say who decides: --by NAME") from None
    if not by.strip() or by.strip().lower() in _NOT_PEOPLE:
        raise InputError(f"--by names the person who decides; {by!r} is none.")
    if len(by) > _LONGEST_NAME:
        raise InputError(f"--by is a name of at most {_LONGEST_NAME} letters.")
    return storable(by.strip())


@contextmanager
def published(state: "State", lake: Lake) -> Iterator[None]:
    """Shows in SQL what was decided in the block, also where it was left half-way."""
    try:
        yield
    finally:
        publish(lake, state)


@contextmanager
def _deciding(insight_ids: Sequence[str]) -> Iterator["State"]:
    lake = open_lake()
    with open_state() as state, published(state, lake):
        known = state.statuses()
        if not all(name in known for name in insight_ids):
            # What was explained but not acted on yet, as on a day whose run was cut short.
            register(lake, state)
        yield state


def _told(found: InsightStatus) -> Text:
    until = f" until {found.until}" if found.until else ""
    reason = f" ({found.reason})" if found.reason else ""
    return Text.assemble((f"{words(found.status)}{until}", "bold"), f"  {found.insight_id}  {found.title}{reason}")


def _entry(entry: AuditEntry) -> Table:
    told = Table.grid(padding=(0, 2))
    deed = Text.assemble(f"{entry.by} {entry.action} ", (entry.subject, "bold"))
    told.add_row(Text(f"{entry.at:%Y-%m-%d %H:%M:%S}", "dim"), deed)
    before, after = json.loads(entry.before), json.loads(entry.after)
    for name in sorted(before | after):
        was, is_ = before.get(name), after.get(name)
        told.add_row(
            "", Text(f"{name}: {is_}" if was is None else f"{name}: {was} -> {'nothing' if is_ is None else is_}")
        )
    return told


def _as_json(entry: AuditEntry) -> dict[str, object]:
    told = asdict(entry) | {"before": json.loads(entry.before), "after": json.loads(entry.after)}
    return told | {"at": entry.at.isoformat()}
