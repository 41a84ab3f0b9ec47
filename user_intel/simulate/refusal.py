"""PostHog's way of saying no: status, and an envelope of type, code, detail and attr."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response


class Refusal(Exception):
    """An answer other than the one asked for. Becomes the envelope of posthog.md section 1.4."""

    def __init__(
        self,
        status: int,
        type_: str,
        code: str,
        detail: str,
        attr: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.envelope = {"type": type_, "code": code, "detail": detail, "attr": attr}
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The HTTP answer."""
        return JSONResponse(self.envelope, self.status, headers=self.headers)


def invalid(code: str, detail: str, attr: str | None = None) -> Refusal:
    """400: what was sent cannot be meant."""
    return Refusal(400, "validation_error", code, detail, attr)


def not_found(detail: str = "Not found.") -> Refusal:
    """404: there is no such thing, or it is somebody else's."""
    return Refusal(404, "invalid_request", "not_found", detail)


def throttled(seconds: int) -> Refusal:
    """429 of a rate limit, saying after how many seconds to come again."""
    detail = f"Request was throttled. Expected available in {seconds} second{'s' * (seconds != 1)}."
    return Refusal(429, "throttled_error", "throttled", detail, headers={"Retry-After": str(seconds)})


def crowded(limit: int) -> Refusal:
    """429 of the concurrency limit, which does not say when to come again."""
    organization = "018c0000-0000-7000-8000-000000000001"
    detail = (
        f"Exceeded maximum concurrency limit: {limit} for key: api:query:per-org:{organization} "
        f"and task: api:query:per-org:{organization}"
    )
    return Refusal(429, "throttled_error", "throttled", detail)
