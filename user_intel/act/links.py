"""Where people open what a ticket tells of: the dashboard, recordings in PostHog, the day in Dagster.

A link is made only where its address is known. None holds an identity: PostHog is asked for recordings by place and
days. Single recordings, whose address holds the session's id there, are linked only where product.yaml asks for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import quote, urlsplit

from user_intel.act.document import Link
from user_intel.detect.wording import PainPoint
from user_intel.product import Jira, Product
from user_intel.settings import Settings

_ONLY_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104  # looked for, not listened on


def links_of(
    insight_id: str, found: PainPoint, product: Product, settings: Settings, recordings: Sequence[str] = ()
) -> list[Link]:
    """The links of one ticket, in the order people need them. `recordings`: addresses of single ones, where wanted."""
    links = []
    if dashboard := product.jira.links.dashboard:
        links.append(Link("This insight in the dashboard", _filled(dashboard, insight_id, found)))
    if (project := _posthog_project(product.jira, settings)) and (places := _places(found)):
        address = _recordings(project, found, product.thresholds.window_days, places)
        links.append(Link("Recordings of such sessions in PostHog", address))
    links += [Link(f"Recording {number}", address) for number, address in enumerate(recordings, 1)]
    if dagster := _dagster(product.jira, settings):
        links.append(Link(f"The run of {found.day} in Dagster", f"{dagster}/assets/insights?partition={found.day}"))
    return links


def _filled(address: str, insight_id: str, found: PainPoint) -> str:
    known = {"insight_id": insight_id, "pain_point_id": found.pain_point_id, "day": str(found.day)}
    for name, value in known.items():
        address = address.replace(f"{{{name}}}", quote(value, safe=""))
    return address


def _posthog_project(chosen: Jira, settings: Settings) -> str | None:
    if chosen.links.posthog:
        return chosen.links.posthog.rstrip("/")
    if settings.uses_posthog and settings.posthog_host and not _only_here(settings.posthog_host):
        return f"{settings.posthog_host.rstrip('/')}/project/{settings.posthog_project_id}"
    return None


def _dagster(chosen: Jira, settings: Settings) -> str | None:
    address = chosen.links.dagster or (None if _only_here(settings.dagster_url) else settings.dagster_url)
    return address.rstrip("/") if address else None


def _only_here(address: str) -> bool:
    return urlsplit(address).hostname in _ONLY_HERE


def _recordings(project: str, found: PainPoint, window_days: int, places: list[dict[str, object]]) -> str:
    """PostHog's list of recordings of the window, of sessions that came to the places (its own filter, as JSON)."""
    first = max(found.first_day, found.day - timedelta(days=window_days - 1))
    filters = {
        "date_from": str(first),
        "date_to": str(_until(found)),
        "filter_test_accounts": False,
        "filter_group": {"type": "AND", "values": [{"type": "AND", "values": places}]},
    }
    return f"{project}/replay/home?filters={quote(json.dumps(filters, separators=(',', ':')), safe='')}"


def _places(found: PainPoint) -> list[dict[str, object]]:
    """Where such sessions came to; empty where that would not show the problem."""
    if found.kind in ("anomaly", "underused_feature"):
        return []
    names = found.subjects if found.kind == "loop" else [found.place]
    return [place for place in map(_came_to, names) if place]


def _until(found: PainPoint) -> date:
    return min(found.last_day, found.day)


def _came_to(step: str) -> dict[str, object] | None:
    if step.startswith("/"):
        # A placeholder stands for one part of the path.
        pattern = "/".join("[^/]+" if part.startswith(":") else re.escape(part) for part in step.split("/"))
        path = {"key": "$pathname", "type": "event", "operator": "regex", "value": f"^{pattern}/?$"}
        return {"id": "$pageview", "name": "$pageview", "type": "events", "order": 0, "properties": [path]}
    if re.fullmatch(r"[\w$ .-]+", step):
        return {"id": step, "name": step, "type": "events", "order": 0}
    return None
