"""What a ticket's request looks like before it is sent: the dry run, with Jira's own form where Jira is configured."""

from __future__ import annotations

import json

from user_intel.act.payload import issue_payload
from user_intel.act.tickets import Flavour, NewTicket, Tracker
from user_intel.product import Product
from user_intel.settings import Settings

# Stands for the project's key while none is configured.
NO_PROJECT = "PROJECT"
_PATHS: dict[Flavour, str] = {"cloud": "/rest/api/3/issue", "server": "/rest/api/2/issue"}


def request_of(new: NewTicket, product: Product, settings: Settings, tracker: Tracker | None = None) -> str:
    """The create request as JSON: method, path and body exactly as they would be sent.

    Without a `tracker` nobody is asked: names stand where a Jira's own ids would, in the format of Jira Cloud.
    """
    if tracker is not None:
        return _told(_PATHS[tracker.flavour], tracker.payload(new))
    issue_type = product.jira.issue_type or settings.jira_issue_type
    project = settings.jira_project or NO_PROJECT
    return _told(_PATHS["cloud"], issue_payload(new, flavour="cloud", project=project, issue_type=issue_type))


def _told(path: str, body: dict[str, object]) -> str:
    return json.dumps({"method": "POST", "path": path, "body": body}, ensure_ascii=False)
