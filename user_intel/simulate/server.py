"""The stand-in's web application: PostHog's paths, and the stand-in's own pages under `/_stand_in/`."""

import asyncio
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from user_intel.simulate.access import RateLimits
from user_intel.simulate.downloads import Downloads
from user_intel.simulate.faults import FaultBook
from user_intel.simulate.journal import Journal
from user_intel.simulate.knobs import Fault, Knobs
from user_intel.simulate.product import SimulatedProduct
from user_intel.simulate.project_pages import ProjectPages
from user_intel.simulate.queries import Queries
from user_intel.simulate.refusal import Refusal, not_found
from user_intel.simulate.snapshots import Snapshots
from user_intel.simulate.store import Store
from user_intel.simulate.watching import Watched


class Server:
    """Everything the stand-in answers with, around one store; what recordings show goes by `product`."""

    def __init__(self, store: Store, knobs: Knobs, product: SimulatedProduct | None = None) -> None:
        self.store, self.knobs = store, knobs
        self.limits, self.journal, self.faults = RateLimits(), Journal(), FaultBook()
        self.queries = Queries(store, knobs, self.limits)
        self.downloads = Downloads(store, knobs, self.limits)
        self.pages = ProjectPages(store, knobs, self.limits)
        steps, frictions = (product.steps, product.habits.frictions) if product else ((), ())
        self.snapshots = Snapshots(store, knobs, self.limits, steps, frictions)

    def app(self) -> ASGIApp:
        """The application of the main host."""
        inside: Sequence[BaseRoute] = self._project_routes()
        routes = [
            Route("/api/users/@me/", self.pages.me),
            Route("/api/projects/", self.pages.projects),
            Route("/api/projects/{project_id}/", self.pages.project),
            Mount("/api/projects/{project_id}", routes=inside),
            # The deprecated alias is rewritten in process, not redirected.
            Mount("/api/environments/{project_id}", routes=inside),
            Mount("/_stand_in", routes=self._own_routes()),
        ]
        handlers: dict[Any, Any] = {Refusal: _refused, HTTPException: _http_refused}
        app = Starlette(routes=routes, exception_handlers=handlers)
        app.router.redirect_slashes = False
        return Watched(app, self.journal, self.faults)

    def _project_routes(self) -> list[BaseRoute]:
        exports = "/file_download_batch_exports"
        return [
            Route("/query/", self.queries.ask, methods=["POST"]),
            Route("/query/{query_id}/", self.queries.poll, methods=["GET"]),
            Route("/query/{query_id}/", self.queries.cancel, methods=["DELETE"]),
            Route("/session_recordings/", self.pages.recordings),
            Route("/session_recordings/{recording_id}/snapshots/", self.snapshots.get),
            Route(f"{exports}/", self.downloads.start, methods=["POST"]),
            Route(f"{exports}/{{export_id}}/", self.downloads.poll),
            Route(f"{exports}/{{export_id}}/download/", self.downloads.download),
            Route(f"{exports}/{{export_id}}/download/{{part}}/", self.downloads.download),
            Route(f"{exports}/{{export_id}}/cancel/", self.downloads.cancel, methods=["POST"]),
        ]

    def _own_routes(self) -> list[BaseRoute]:
        return [
            Route("/faults", self._play, methods=["POST"]),
            Route("/requests", self._requests, methods=["GET"]),
            Route("/clear", self._clear, methods=["POST"]),
            Route("/knobs", self._turn, methods=["POST"]),
            Route("/events", self._add_events, methods=["POST"]),
        ]

    async def _play(self, request: Request) -> Response:
        self.faults.add(msgspec.json.decode(await request.body(), type=Fault))
        return Response(status_code=204)

    async def _requests(self, _: Request) -> Response:
        return JSONResponse(self.journal.as_dicts())

    async def _clear(self, _: Request) -> Response:
        for each in (self.faults, self.journal, self.limits, self.queries, self.downloads):
            each.clear()
        return Response(status_code=204)

    async def _turn(self, request: Request) -> Response:
        """Turns the knobs that are named; answers with all of them."""
        turned = {**dataclasses.asdict(self.knobs), **msgspec.json.decode(await request.body())}
        knobs = msgspec.convert(turned, type=Knobs)
        for field in dataclasses.fields(Knobs):
            setattr(self.knobs, field.name, getattr(knobs, field.name))
        return JSONResponse(dataclasses.asdict(self.knobs))

    async def _add_events(self, request: Request) -> Response:
        """Adds the events of a Parquet file in the columns of `SimulatedProduct.events`."""
        path = Path(msgspec.json.decode(await request.body())["path"])
        await asyncio.to_thread(self.store.load, "events", path)
        return Response(status_code=204)


async def _refused(_: Request, refusal: Refusal) -> Response:
    return refusal.response()


async def _http_refused(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        detail = f'Method "{request.method}" not allowed.'
        return Refusal(405, "invalid_request", "method_not_allowed", detail).response()
    return not_found().response()
