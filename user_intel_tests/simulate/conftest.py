"""One stand-in for all tests of this folder: two days of a small product, in a project that lives in New York."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any, Self

import httpx
import pytest

from user_intel.simulate import SimulatedProduct, StandIn

DAYS = (date(2026, 3, 3), date(2026, 3, 4))
PRODUCT = SimulatedProduct(seed=11, users=300)


class Asker:
    """Asks a stand-in as a client would."""

    def __init__(self, posthog: StandIn) -> None:
        self.posthog = posthog
        self.client = httpx.Client(
            base_url=posthog.url, headers={"Authorization": f"Bearer {posthog.api_key}"}, timeout=30, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(path.replace("P/", f"/api/projects/{self.posthog.project_id}/"), **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(path.replace("P/", f"/api/projects/{self.posthog.project_id}/"), **options)

    def query(self, text: str, *, refresh: str = "force_blocking", utc: bool = True, **more: Any) -> httpx.Response:
        query: dict[str, Any] = {"kind": "HogQLQuery", "query": text, **more}
        if utc:
            query["modifiers"] = {"convertToProjectTimezone": False}
        return self.post("P/query/", json={"query": query, "refresh": refresh, "name": "a test"})

    def rows(self, text: str, **options: Any) -> list[list[Any]]:
        answer = self.query(text, **options)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["results"])


@pytest.fixture(scope="session")
def running() -> Iterator[StandIn]:
    with StandIn(product=PRODUCT, days=DAYS, timezone="America/New_York") as posthog:
        yield posthog


@pytest.fixture
def posthog(running: StandIn) -> Iterator[StandIn]:
    before = asdict(running.knobs)
    yield running
    running.turn(**before)
    running.clear()


@pytest.fixture(scope="session")
def asker(running: StandIn) -> Iterator[Asker]:
    with Asker(running) as asker:
        yield asker


@pytest.fixture
def ask(posthog: StandIn, asker: Asker) -> Asker:
    """Depends on `posthog`, so that what a test changed is put back."""
    assert asker.posthog is posthog
    return asker


def refused(answer: httpx.Response) -> tuple[int, str, str, str]:
    """Status, type, code and detail of an error envelope."""
    envelope = answer.json()
    assert set(envelope) == {"type", "code", "detail", "attr"}
    return answer.status_code, envelope["type"], envelope["code"], envelope["detail"]
