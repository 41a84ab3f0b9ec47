"""File-download batch exports (posthog.md section 4.7): started, polled, then fetched from another host.

An export holds the events *ingested* in its interval, whenever they happened. The other host is a second port: it wants
the signature in the address and no Authorization header, as object stores do.
"""

import asyncio
import io
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from user_intel.simulate.access import RateLimits, admit
from user_intel.simulate.knobs import Knobs
from user_intel.simulate.refusal import Refusal, invalid, not_found
from user_intel.simulate.store import Store

_LONGEST = timedelta(days=7)
_TWO_KEYS = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidArgument</Code><Message>Only one auth mechanism '
    "allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header "
    "should be specified</Message></Error>"
)
_UNSIGNED = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)


@dataclass
class _Export:
    """One export. `files` are the ids of its parts, in order."""

    id: str
    start: datetime
    end: datetime
    polls: int = 0
    status: str = "Starting"
    files: list[str] = field(default_factory=list)
    records: int | None = None


class Downloads:
    """The exports of the project, and the parts that wait to be fetched."""

    def __init__(self, store: Store, knobs: Knobs, limits: RateLimits) -> None:
        self._store, self._knobs, self._limits = store, knobs, limits
        self._exports: dict[str, _Export] = {}
        self._parts: dict[str, bytes] = {}
        self.files_url = ""

    def clear(self) -> None:
        """Forgets all exports."""
        self._exports.clear()
        self._parts.clear()

    async def start(self, request: Request) -> Response:
        """POST: 202 and the id of a new export."""
        await self._admit(request, "batch_export:write")
        start, end = _interval(json.loads(await request.body() or b"{}"))
        export = _Export(str(uuid.uuid4()), start, end)
        self._exports[export.id] = export
        return JSONResponse({"id": export.id}, 202)

    async def poll(self, request: Request) -> Response:
        """GET: the status, and the parts once it is Completed."""
        await self._admit(request, "batch_export:read")
        export = self._export(request)
        export.polls += 1
        if export.status != "Cancelled":
            await self._advance(export)
        return JSONResponse(
            {
                "id": export.id,
                "status": export.status,
                "files": export.files,
                "records_completed": export.records,
                "error": None,
            }
        )

    async def download(self, request: Request) -> Response:
        """GET: 302 to where the part is."""
        await self._admit(request, "batch_export:read")
        export = self._export(request)
        if export.status != "Completed":
            raise invalid("invalid_input", "Batch export run is still in progress")
        part = request.path_params.get("part") or (export.files[0] if len(export.files) == 1 else "")
        known = {str(number): file for number, file in enumerate(export.files)} | {file: file for file in export.files}
        if part not in known:
            raise not_found()
        signature = uuid.uuid5(uuid.NAMESPACE_OID, known[part]).hex
        address = f"{self.files_url}/export/{known[part]}.parquet.zst"
        return RedirectResponse(f"{address}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={signature}", 302)

    async def cancel(self, request: Request) -> Response:
        """POST: stops an export."""
        await self._admit(request, "batch_export:write")
        export = self._export(request)
        export.status = "Cancelled"
        return JSONResponse({"cancelled": True})

    async def fetch(self, request: Request) -> Response:
        """GET on the other host: the bytes of a part."""
        if request.headers.get("authorization"):
            return Response(_TWO_KEYS, 400, media_type="application/xml")
        name = request.path_params["name"].removesuffix(".parquet.zst")
        signature = uuid.uuid5(uuid.NAMESPACE_OID, name).hex
        if name not in self._parts or request.query_params.get("X-Amz-Signature") != signature:
            return Response(_UNSIGNED, 403, media_type="application/xml")
        return Response(self._parts[name], media_type="binary/octet-stream")

    def files_app(self) -> Starlette:
        """The other host."""
        return Starlette(routes=[Route("/export/{name}", self.fetch)])

    async def _admit(self, request: Request, scope: str) -> None:
        await admit(request, self._knobs, scope)
        self._limits.take("crud", self._knobs)
        if self._knobs.file_downloads == "absent":
            raise not_found()
        if self._knobs.file_downloads == "forbidden":
            detail = "This feature is not available on your plan."
            raise Refusal(403, "authentication_error", "permission_denied", detail)

    def _export(self, request: Request) -> _Export:
        if export := self._exports.get(request.path_params["export_id"]):
            return export
        raise not_found()

    async def _advance(self, export: _Export) -> None:
        if export.polls < self._knobs.polls_until_done:
            export.status = "Starting" if export.polls == 1 else "Running"
        elif export.status != "Completed":
            parts, export.records = await asyncio.to_thread(self._written, export)
            for content in parts:
                name = str(uuid.uuid4())
                export.files.append(name)
                self._parts[name] = content
            export.status = "Completed"

    def _written(self, export: _Export) -> tuple[list[bytes], int]:
        """The export's rows as Parquet files, and their number."""
        import polars as pl

        interval: dict[str, object] = {"start": export.start.isoformat(), "end": export.end.isoformat()}
        whole = pl.read_parquet(self._store.own("export_events", "Parquet", interval))
        parts = []
        for rows in whole.iter_slices(self._knobs.part_rows):
            buffer = io.BytesIO()
            rows.write_parquet(buffer, compression="zstd")
            parts.append(buffer.getvalue())
        return parts, len(whole)


def _interval(body: object) -> tuple[datetime, datetime]:
    if not isinstance(body, dict) or body.get("model", "events") != "events":
        raise invalid("invalid_choice", "This stand-in exports the model events only.", "model")
    file = body.get("file") or {}
    if file.get("format", "Parquet") != "Parquet" or file.get("compression", "zstd") != "zstd":
        raise invalid("invalid_choice", "This stand-in writes Parquet with zstd only.", "file")
    start, end = (_instant(body.get(name), name) for name in ("data_interval_start", "data_interval_end"))
    if end <= start or end - start > _LONGEST:
        raise invalid(
            "invalid_input", "The interval must be longer than nothing and at most 7 days.", "data_interval_end"
        )
    if end > datetime.now(UTC):
        raise invalid("invalid_input", "data_interval_end must not be in the future.", "data_interval_end")
    return start, end


def _instant(value: object, name: str) -> datetime:
    if value is None:
        raise invalid("required", "This field is required.", name)
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid("invalid", "Datetime has wrong format.", name) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
