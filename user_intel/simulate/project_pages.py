"""The small pages around the query endpoint: who am I, which project is this, which recordings are there."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from user_intel.simulate.access import RateLimits, admit
from user_intel.simulate.knobs import Knobs
from user_intel.simulate.refusal import invalid
from user_intel.simulate.store import Store

_ORGANIZATION = "018c0000-0000-7000-8000-000000000001"
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class ProjectPages:
    """Answers about the user, the project and its recordings."""

    def __init__(self, store: Store, knobs: Knobs, limits: RateLimits) -> None:
        self._store, self._knobs, self._limits = store, knobs, limits

    async def me(self, request: Request) -> Response:
        """GET /api/users/@me/: works with any good key."""
        await admit(request, self._knobs, "")
        self._limits.take("crud", self._knobs)
        team = self._project()
        return JSONResponse(
            {
                "uuid": "018c0000-0000-7000-8000-000000000002",
                "email": "owner@example.com",
                "first_name": "Owner",
                "team": team,
                "organization": {"id": _ORGANIZATION, "name": "Example", "membership_level": 15},
            }
        )

    async def project(self, request: Request) -> Response:
        """GET /api/projects/:id/."""
        await admit(request, self._knobs, "project:read")
        self._limits.take("crud", self._knobs)
        return JSONResponse(self._project())

    async def projects(self, request: Request) -> Response:
        """GET /api/projects/."""
        await admit(request, self._knobs, "project:read")
        self._limits.take("crud", self._knobs)
        return JSONResponse({"count": 1, "next": None, "previous": None, "results": [self._project()]})

    async def recordings(self, request: Request) -> Response:
        """GET P/session_recordings/: has_next and offset, newest first."""
        await admit(request, self._knobs, "session_recording:read")
        self._limits.take("clickhouse", self._knobs)
        self._limits.take("recordings", self._knobs)
        limit, offset = _number(request, "limit", 50), _number(request, "offset", 0)
        now = datetime.now(UTC)
        start = _moment(request.query_params.get("date_from", "-3d"), now)
        end = _moment(request.query_params.get("date_to", ""), now)
        parameters: dict[str, object] = {"start": start, "end": end, "limit": limit + 1, "offset": offset}
        rows = json.loads(self._store.own("list_recordings", "JSON", parameters))["data"]
        results = [_listed(row) for row in rows[:limit]]
        answer = {"results": results, "has_next": len(rows) > limit, "version": 4}
        return JSONResponse(answer, headers={"Server-Timing": "load_recordings_from_hogql;dur=1"})

    def _project(self) -> dict[str, Any]:
        return {
            "id": self._knobs.project_id,
            "organization": _ORGANIZATION,
            "name": self._knobs.project_name,
            "uuid": "018c0000-0000-7000-8000-000000000003",
            "api_token": "phc_simulated",
            "timezone": self._knobs.timezone,
            "created_at": "2024-01-01T00:00:00Z",
            "session_recording_opt_in": True,
            "session_recording_sample_rate": None,
            "test_account_filters": [],
        }


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    extra = {"viewed": False, "viewers": [], "person": None, "ongoing": False, "activity_score": None}
    start = datetime.fromisoformat(row["start_time"])
    kept = start + timedelta(days=row["retention_period_days"] or 30)
    return {**row, **extra, "expiry_time": kept.isoformat().replace("+00:00", "Z")}


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdigit():
        raise invalid("invalid_input", f"Input should be a valid integer, unable to parse '{text}'", name)
    return int(text)


def _moment(text: str, now: datetime) -> str:
    """An instant written out, or one so many hours, days or weeks ago (`-3d`); now when there is no text."""
    text = text.strip('"')
    if text.startswith("-") and text[1:-1].isdigit() and text[-1] in _UNITS:
        return (now - timedelta(**{_UNITS[text[-1]]: int(text[1:-1])})).isoformat()
    try:
        instant = datetime.fromisoformat(text) if text else now
    except ValueError:
        raise invalid("invalid_input", f"'{text}' is not a date") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).isoformat()
