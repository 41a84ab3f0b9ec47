"""File-download batch exports: start, poll, download from another host."""

import io
from datetime import datetime
from urllib.parse import urlsplit

import httpx
import polars as pl
import pytest

from user_intel.simulate import StandIn
from user_intel_tests.simulate.conftest import DAYS, PRODUCT, Asker, refused

INTERVAL = {"data_interval_start": "2026-03-03T00:00:00Z", "data_interval_end": "2026-03-04T00:00:00Z"}
EXPORTS = "P/file_download_batch_exports/"
ORDER = {"model": "events", "file": {"format": "Parquet", "compression": "zstd"}, **INTERVAL}


def completed(ask: Asker) -> tuple[str, dict[str, object], list[str]]:
    """The id and last status of a new export, and the statuses on the way."""
    started = ask.post(EXPORTS, json=ORDER)
    assert started.status_code == 202
    id_ = started.json()["id"]
    statuses: list[str] = []
    while not statuses or statuses[-1] != "Completed":
        status = ask.get(f"{EXPORTS}{id_}/").json()
        statuses.append(status["status"])
        assert len(statuses) < 10
    return id_, status, statuses


def test_an_export_holds_what_was_ingested_in_its_interval(posthog: StandIn, ask: Asker) -> None:
    posthog.turn(part_rows=1000, polls_until_done=3)
    id_, status, statuses = completed(ask)
    parts = []
    for file in status["files"]:  # type: ignore[attr-defined]
        redirect = ask.get(f"{EXPORTS}{id_}/download/{file}/")
        assert redirect.status_code == 302
        address = redirect.headers["location"]
        assert urlsplit(address).netloc != urlsplit(posthog.url).netloc
        parts.append(pl.read_parquet(io.BytesIO(httpx.get(address, trust_env=False).content)))

    assert statuses == ["Starting", "Running", "Completed"]
    exported = pl.concat(parts)
    day = pl.col("created_at").is_between(datetime(2026, 3, 3), datetime(2026, 3, 4), closed="left")  # noqa: DTZ001
    expected = PRODUCT.events(DAYS).filter(day)
    assert len(parts) > 1
    assert status["records_completed"] == len(expected)
    assert set(expected["uuid"]) <= set(exported["uuid"])
    assert dict(exported.schema) == {
        "uuid": pl.String,
        "event": pl.String,
        "timestamp": pl.Datetime("us", "UTC"),
        "distinct_id": pl.String,
        "person_id": pl.String,
        "properties": pl.String,
        "person_properties": pl.String,
        "elements_chain": pl.String,
        "created_at": pl.Datetime("us", "UTC"),
        "_inserted_at": pl.Datetime("us", "UTC"),
    }


def test_the_other_host_refuses_the_key(ask: Asker) -> None:
    id_, status, _ = completed(ask)
    file = status["files"][0]  # type: ignore[index]
    address = ask.get(f"{EXPORTS}{id_}/download/{file}/").headers["location"]

    with_key = httpx.get(address, headers={"Authorization": "Bearer phx_x"}, trust_env=False)
    unsigned = httpx.get(address.split("?")[0], trust_env=False)
    assert (with_key.status_code, "Only one auth mechanism allowed" in with_key.text) == (400, True)
    assert unsigned.status_code == 403


def test_an_export_still_running_cannot_be_downloaded(ask: Asker) -> None:
    id_ = ask.post(EXPORTS, json=ORDER).json()["id"]
    answer = refused(ask.get(f"{EXPORTS}{id_}/download/"))

    assert (answer[0], answer[3]) == (400, "Batch export run is still in progress")


@pytest.mark.parametrize(("plan", "status"), [("absent", 404), ("forbidden", 403)])
def test_a_plan_without_exports_says_so(posthog: StandIn, ask: Asker, plan: str, status: int) -> None:
    posthog.turn(file_downloads=plan)

    assert refused(ask.post(EXPORTS, json=ORDER))[0] == status


@pytest.mark.parametrize(
    "change",
    [
        {"data_interval_end": "2026-03-11T00:00:00Z"},
        {"data_interval_end": "2126-03-03T00:00:00Z", "data_interval_start": "2126-03-02T00:00:00Z"},
        {"data_interval_end": None},
        {"model": "sessions"},
        {"data_interval_start": "yesterday"},
    ],
)
def test_an_order_that_cannot_be_met_is_400(ask: Asker, change: dict[str, str | None]) -> None:
    assert refused(ask.post(EXPORTS, json={**ORDER, **change}))[:2] == (400, "validation_error")


def test_an_export_can_be_cancelled(ask: Asker) -> None:
    id_ = ask.post(EXPORTS, json=ORDER).json()["id"]
    ask.post(f"{EXPORTS}{id_}/cancel/")

    assert ask.get(f"{EXPORTS}{id_}/").json()["status"] == "Cancelled"


def test_recordings_are_listed_newest_first_with_has_next(ask: Asker) -> None:
    interval = {"date_from": "2026-03-03T00:00:00Z", "date_to": "2026-03-05T00:00:00Z"}
    first = ask.get("P/session_recordings/", params={**interval, "limit": 20}).json()
    seen = list(first["results"])
    while len(seen) < 1000:
        page = ask.get("P/session_recordings/", params={**interval, "limit": 20, "offset": len(seen)}).json()
        seen += page["results"]
        if not page["has_next"]:
            break

    assert (len(first["results"]), first["has_next"], first["version"]) == (20, True, 4)
    assert {recording["id"] for recording in seen} == set(PRODUCT.recordings(DAYS)["session_id"])
    starts = [recording["start_time"] for recording in seen]
    assert starts == sorted(starts, reverse=True)
    assert ask.get("P/session_recordings/").json()["results"] == [], "the default is the last three days"
