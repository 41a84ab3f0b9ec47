"""Whether tickets can be opened as configured, asked of Jira without opening one: what `user-intel doctor` says."""

from __future__ import annotations

from collections.abc import Iterator

from user_intel.act.connection import Patience
from user_intel.act.document import Document
from user_intel.act.jira import Jira, open_jira
from user_intel.act.tickets import FieldValue, NewTicket
from user_intel.errors import JiraError
from user_intel.product import Jira as Chosen
from user_intel.settings import Settings

# A person waits for the answer.
_PATIENCE = Patience(read_s=20.0, tries=2, request_s=30.0)
_NEEDED = {
    "BROWSE_PROJECTS": "see tickets there, and so would open them again and again",
    "CREATE_ISSUES": "create tickets there",
    "ADD_COMMENTS": "comment on tickets there",
    "CREATE_ATTACHMENTS": "attach clips there (jira.attach_clips in product.yaml)",
}


def standing(settings: Settings, chosen: Chosen) -> str:
    """Where tickets go, as whom, in one line. Raises JiraError naming everything that stands in the way."""
    with open_jira(settings, issue_type=chosen.issue_type, patience=_PATIENCE) as jira:
        account, form = jira.whoami(), jira.form()
        if faults := [*_permission_faults(jira, chosen), *_form_faults(jira, chosen)]:
            raise JiraError(f"{account.server} at {jira.url} as {account.name}: {' '.join(faults)}")
        limit = jira.attachment_limit()
    files = "attachments are switched off" if limit is None else f"attachments up to {limit / 1e6:,.0f} MB"
    return f"{account.server} at {jira.url} as {account.name}: may open and comment {form.here}; {files}"


def _permission_faults(jira: Jira, chosen: Chosen) -> Iterator[str]:
    lacking = set(jira.lacking()) - (set() if chosen.attach_clips else {"CREATE_ATTACHMENTS"})
    for name, words in _NEEDED.items():
        if name in lacking:
            yield f"The account may not {words}: it lacks {name} in {jira.project}."


def _form_faults(jira: Jira, chosen: Chosen) -> list[str]:
    """What would be refused of tickets of every configured priority."""
    faults: dict[str, None] = {}
    for priority in chosen.priorities.values() or [None]:
        sample = NewTicket(
            summary="A sample that is never sent",
            description=Document(()),
            identity="",
            labels=tuple(chosen.labels),
            priority=priority,
            components=(chosen.component,) if chosen.component else (),
            fields={name: _sample(value) for name, value in chosen.custom_fields.items()},
        )
        faults |= dict.fromkeys(jira.check(sample))
    return list(faults)


def _sample(value: FieldValue) -> FieldValue:
    """A value with placeholders is known only when a ticket is: JSON of Jira's own is taken as it is."""
    return {"value": value} if isinstance(value, str) and "{" in value else value
