"""Recordings come out of PostHog whole, in its own shapes, within its limits; or it is said what is missing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl
import pytest

from user_intel.errors import RecordingGone, SourceError
from user_intel.http import Clock
from user_intel.product import Watch
from user_intel.settings import Settings
from user_intel.simulate import StandIn
from user_intel.simulate.knobs import CLOUD_RATE_LIMITS
from user_intel.watch.events import Kind
from user_intel.watch.fetching import Recordings
from user_intel_tests.simulate.conftest import DAYS, PRODUCT

LATER = datetime(2026, 4, 1)  # noqa: DTZ001


@pytest.fixture(scope="module")
def posthog() -> Iterator[StandIn]:
    with StandIn(product=PRODUCT, days=DAYS[:1]) as running:
        yield running


@pytest.fixture
def settings(posthog: StandIn) -> Iterator[Settings]:
    yield Settings(
        _env_file=None, POSTHOG_HOST=posthog.url, POSTHOG_PROJECT_ID=posthog.project_id,
        POSTHOG_API_KEY=posthog.api_key, POSTHOG_PLAN="self_hosted",
    )  # type: ignore[call-arg]  # fmt: skip
    posthog.clear()
    posthog.turn(missing_blocks=[], rate_limits={})


@pytest.fixture(scope="module")
def longest() -> tuple[str, datetime, datetime]:
    """Id, start and end of the longest recording: more blocks than one request may ask for."""
    row = PRODUCT.recordings(DAYS[:1]).sort(pl.col("end_time") - pl.col("start_time")).row(-1, named=True)
    return row["session_id"], row["start_time"], row["end_time"]


def test_a_long_recording_is_fetched_whole_in_ranges_of_twenty_blocks(
    posthog: StandIn, settings: Settings, longest: tuple[str, datetime, datetime]
) -> None:
    recording_id, start, end = longest
    with Recordings(settings) as recordings, recordings.fetch(recording_id, Watch(), LATER) as fetched:
        kinds = {event.kind for event in fetched.recording.events()}
        duration_s = fetched.recording.duration_s

    assert fetched.missing == []
    assert fetched.recording.flaws.words() == []
    assert not fetched.provisional
    assert duration_s == pytest.approx((end - start).total_seconds(), abs=0.01)
    assert kinds >= {Kind.META, Kind.FULL_SNAPSHOT, Kind.INCREMENTAL, Kind.CUSTOM}
    assert len([each for each in posthog.requests() if "/snapshots/" in each.path]) >= 3


def test_what_ended_less_than_a_day_ago_is_provisional(
    settings: Settings, longest: tuple[str, datetime, datetime]
) -> None:
    recording_id, _, end = longest
    now = end + timedelta(hours=23)
    with Recordings(settings) as recordings, recordings.fetch(recording_id, Watch(), now) as fetched:
        assert fetched.provisional


def test_blocks_that_posthog_leaves_out_are_named(
    posthog: StandIn, settings: Settings, longest: tuple[str, datetime, datetime]
) -> None:
    posthog.turn(missing_blocks=[2, 3, 7])
    with Recordings(settings) as recordings, recordings.fetch(longest[0], Watch(), LATER) as fetched:
        seen_s = [fetched.recording.seconds(event.at_ms) for event in fetched.recording.events()]
        first, second = fetched.missing

    assert not [at_s for at_s in seen_s if first.from_s <= at_s <= first.to_s or second.from_s <= at_s <= second.to_s]
    assert [at_s for at_s in seen_s if first.to_s < at_s < second.from_s]


@pytest.mark.parametrize("fault", ["404", "410"])
def test_a_deleted_recording_is_gone(posthog: StandIn, settings: Settings, fault: str) -> None:
    posthog.play(fault, match="/snapshots")
    with (
        Recordings(settings) as recordings,
        pytest.raises(RecordingGone, match=fault),
        recordings.fetch("whichever", Watch(), LATER),
    ):
        pass


def test_broken_answers_are_asked_for_again_and_counted_once(
    posthog: StandIn, settings: Settings, longest: tuple[str, datetime, datetime]
) -> None:
    def count() -> int:
        patient = Clock(sleep=lambda _: None)
        with Recordings(settings, patient) as recordings, recordings.fetch(longest[0], Watch(), LATER) as fetched:
            return len(fetched.recording) + 1_000_000 * len(fetched.missing)

    whole = count()
    posthog.play("broken", match="/snapshots", after=1)
    posthog.play("502", match="/snapshots", after=2)

    assert count() == whole


def test_the_plan_of_posthog_is_kept_to(
    posthog: StandIn, settings: Settings, longest: tuple[str, datetime, datetime]
) -> None:
    """On a plan of 12 requests a minute the thirteenth waits, and PostHog never has to refuse one."""
    waits: list[float] = []
    now = [0.0]

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    posthog.turn(rate_limits={"recordings": CLOUD_RATE_LIMITS["recordings"]})
    free = settings.model_copy(update={"posthog_plan": "free"})
    short = PRODUCT.recordings(DAYS[:1]).sort("active_milliseconds")["session_id"][:7]
    with Recordings(free, Clock(now=lambda: now[0], sleep=sleep)) as recordings:
        for recording_id in short:
            with recordings.fetch(recording_id, Watch(), LATER):
                pass

    assert sum(waits) == pytest.approx(60, abs=1)
    assert {each.status for each in posthog.requests()} == {200}


def test_without_posthog_nothing_is_fetched() -> None:
    with pytest.raises(SourceError, match="POSTHOG_"):
        Recordings(Settings(_env_file=None))  # type: ignore[call-arg]
