"""kill -9 in the midst of an extraction: the next one goes on at the page that was reached."""

import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from user_intel.extract.pages import Progress, landing_folder
from user_intel.extract.posthog import extract_day
from user_intel.simulate.stand_in import StandIn
from user_intel_tests.extract import extracting
from user_intel_tests.extract.posthog_lake import DAY, PRODUCT, SIMULATED, client, lake_in, normaliser, rows_of

TOTAL = len(SIMULATED.events([DAY]))


def pages_noted(home: Path) -> Progress | None:
    try:
        return msgspec.json.decode((landing_folder(home, DAY) / "progress.json").read_bytes(), type=Progress)
    except FileNotFoundError:
        return None


def kill_when(pages: int, stand_in: StandIn, home: Path) -> int:
    """Starts an extraction and kills it when it noted so many pages; the rows that were in them."""
    words = [stand_in.url, stand_in.project_id, stand_in.api_key, str(home)]
    child = subprocess.Popen([sys.executable, "-m", "user_intel_tests.extract.extracting", *words])
    try:
        while child.poll() is None:
            noted = pages_noted(home)
            if noted and len(noted.pages) >= pages:
                break
            time.sleep(0.005)
    finally:
        child.kill()
        child.wait()
    noted = pages_noted(home)
    assert noted, "the child ended before it could be killed"
    return noted.fetched


def rows_asked(stand_in: StandIn) -> int:
    return sum(entry.rows for entry in stand_in.requests() if "events_page" in entry.name)


def test_a_killed_extraction_asks_for_no_noted_page_again_and_ends_the_same(running: StandIn, tmp_path: Path) -> None:
    undisturbed = lake_in(tmp_path / "undisturbed")
    lake = lake_in(tmp_path / "killed")
    with client(running) as posthog:
        extract_day(posthog, undisturbed, PRODUCT, normaliser(), DAY)
        running.turn(latency_s=0.1)

        for pages in (1, 3, 5):
            noted = kill_when(pages, running, lake.home)
            assert lake.days("events") == []
        running.clear()
        running.turn(latency_s=0.0)
        done = extract_day(posthog, lake, PRODUCT, normaliser(), DAY)

    assert 0 < noted < TOTAL
    assert rows_asked(running) == TOTAL - noted
    assert done.fetched == TOTAL
    assert rows_of(lake) == rows_of(undisturbed)
    assert not landing_folder(lake.home, DAY).exists()


@pytest.mark.parametrize("changed", ["salt", "product"])
def test_pages_made_under_another_salt_or_product_are_not_gone_on_with(
    running: StandIn, tmp_path: Path, changed: str
) -> None:
    from dataclasses import replace

    running.turn(latency_s=0.1)
    lake = lake_in(tmp_path)
    kill_when(1, running, lake.home)
    running.clear()
    running.turn(latency_s=0.0)
    product = PRODUCT.model_copy(update={"keep_hosts": True}) if changed == "product" else PRODUCT
    other = replace(normaliser(product), salt=b"another salt" if changed == "salt" else normaliser().salt)

    with client(running) as posthog:
        extract_day(posthog, lake, product, other, DAY)

    assert rows_asked(running) == TOTAL


def test_the_child_reads_in_several_pages() -> None:
    assert TOTAL * 1000 > 5 * extracting.PAGE_BYTES
