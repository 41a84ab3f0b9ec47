"""Who may ask: keys, scopes and projects, and how often (posthog.md sections 1.1 and 1.5)."""

import json
import math
import time
from collections import defaultdict, deque

from starlette.requests import Request

from user_intel.simulate.faults import bad_key, missing_scope
from user_intel.simulate.knobs import Knobs
from user_intel.simulate.refusal import Refusal, not_found, throttled


async def admit(request: Request, knobs: Knobs, scope: str) -> None:
    """Lets a request with a good key, the scope and the right project pass; raises PostHog's refusal otherwise."""
    key = await _presented_key(request)
    if key is None:
        detail = "Authentication credentials were not provided."
        headers = {"WWW-Authenticate": "Bearer"}
        raise Refusal(401, "authentication_error", "not_authenticated", detail, headers=headers)
    if key != knobs.api_key:
        raise bad_key()
    _check_project(request, knobs)
    if scope and not _covers(knobs.scopes, scope):
        raise missing_scope(scope)


async def _presented_key(request: Request) -> str | None:
    """The key of the header, else of the JSON body, else of the query string: the order PostHog looks in."""
    header = request.headers.get("authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        body = {}
    if isinstance(body, dict) and body.get("personal_api_key"):
        return str(body["personal_api_key"])
    return request.query_params.get("personal_api_key")


def _check_project(request: Request, knobs: Knobs) -> None:
    wanted = request.path_params.get("project_id")
    if wanted is None:
        if knobs.key_projects and not request.url.path.startswith("/api/users/@me"):
            detail = "API keys with scoped projects are only supported on project-based endpoints."
            raise Refusal(403, "authentication_error", "permission_denied", detail)
        return
    if wanted not in {"@current", str(knobs.project_id)}:
        raise not_found("Project not found.")
    if knobs.key_projects and knobs.project_id not in knobs.key_projects:
        detail = f"API key does not have access to the requested project: ID {knobs.project_id}."
        raise Refusal(403, "authentication_error", "permission_denied", detail)


def _covers(scopes: tuple[str, ...], wanted: str) -> bool:
    subject, _, action = wanted.partition(":")
    return "*" in scopes or wanted in scopes or (action == "read" and f"{subject}:write" in scopes)


class RateLimits:
    """Counts requests per bucket over the last minute and hour."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], deque[float]] = defaultdict(deque)

    def clear(self) -> None:
        """Starts counting anew."""
        self._seen.clear()

    def take(self, bucket: str, knobs: Knobs) -> None:
        """Counts one request. Raises a 429 that says after how many seconds to come again."""
        limits = knobs.rate_limits.get(bucket, (None, None))
        waits = [self._wait(bucket, span, limit) for span, limit in zip((60, 3600), limits, strict=True)]
        longest = max(waits)
        if longest > 0:
            raise throttled(math.ceil(longest))
        for span in (60, 3600):
            self._seen[bucket, span].append(time.monotonic())

    def _wait(self, bucket: str, span: int, limit: int | None) -> float:
        seen, now = self._seen[bucket, span], time.monotonic()
        while seen and seen[0] <= now - span:
            seen.popleft()
        if limit is None or len(seen) < limit:
            return 0.0
        return seen[0] + span - now if seen else float(span)
