"""Things that go wrong on demand, and what each looks like from outside (posthog.md section 9, item 7)."""

import threading

from starlette.responses import HTMLResponse, JSONResponse, Response

from user_intel.simulate.knobs import Fault
from user_intel.simulate.refusal import Refusal, crowded, invalid, not_found, throttled

_HTML = "<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center><hr>nginx</body></html>"
_BUSY = "Queries are a little too busy right now. We're working to free up resources. Please try again later."
_TOO_LONG = (
    "Query has hit the max execution time before completing. See our docs for how to improve your query performance."
)
_ESTIMATED = "Estimated query execution time is too long. Try reducing its scope by changing the time range."


class FaultBook:
    """The faults still to be played, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Plans a fault."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forgets all that was planned."""
        with self._lock:
            self._waiting.clear()

    def next_for(self, subject: str) -> Fault | None:
        """The fault a request about `subject` meets, if any; it then has one time less to come."""
        with self._lock:
            for fault in self._waiting:
                if fault.match not in subject:
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                self._waiting = [each for each in self._waiting if each.times > 0]
                return fault
        return None


def refusal_of(fault: Fault) -> Response | None:
    """What is answered instead of the truth; None for faults that spoil or delay the true answer."""
    if fault.fault.startswith("html_"):
        return _html(int(fault.fault.removeprefix("html_")))
    if fault.fault == "410":
        gone = {"error": "recording_deleted", "message": "This recording has been deleted."}
        return JSONResponse({**gone, "deleted_at": None, "deleted_by": None}, 410)
    if fault.fault.isdigit():
        refusal = _refusal(fault)
        if fault.retry_after is not None:
            refusal.headers["Retry-After"] = str(fault.retry_after)
        return refusal.response()
    return None


def _html(status: int) -> Response:
    titles = {200: "PostHog", 502: "502 Bad Gateway", 504: "504 Gateway Time-out"}
    return HTMLResponse(_HTML.format(title=titles[status]), status)


def _refusal(fault: Fault) -> Refusal:
    if fault.fault == "429":
        return throttled(fault.retry_after) if fault.retry_after is not None else crowded(3)
    server = {
        "500": ("error", "A server error occurred."),
        "502": ("recording_blocks_unavailable", "Failed to load recording blocks."),
        "503": ("error", _BUSY),
        "504": ("error", _TOO_LONG),
        "512": ("error", _ESTIMATED),
    }
    if fault.fault in server:
        return Refusal(int(fault.fault), "server_error", *server[fault.fault])
    return _client_refusal(fault.fault)


def _client_refusal(name: str) -> Refusal:
    if name == "401":
        return bad_key()
    if name == "402":
        return Refusal(402, "quota_limit_exceeded", "payment_required", "You have exceeded your free tier limit.")
    if name == "403":
        return missing_scope("query:read")
    return not_found() if name == "404" else invalid("invalid_input", f"Unknown fault {name}.")


def bad_key() -> Refusal:
    """401 for a key PostHog does not know, or knows in another region."""
    detail = "Personal API key found in request Authorization header is invalid."
    headers = {"WWW-Authenticate": "Bearer"}
    return Refusal(401, "authentication_error", "authentication_failed", detail, headers=headers)


def missing_scope(scope: str) -> Refusal:
    """403 for a key that may not do this."""
    detail = f"API key missing required scope '{scope}'"
    return Refusal(403, "authentication_error", "permission_denied", detail)


def too_heavy(status: int) -> Refusal:
    """504 or 512 for a query that takes too long."""
    return _refusal(Fault("504" if status == 504 else "512"))
