"""Fixtures that the tests of extraction share."""

from collections.abc import Iterator

import pytest

from user_intel.simulate.stand_in import StandIn
from user_intel_tests.extract.posthog_lake import DAY, SIMULATED


@pytest.fixture(scope="session")
def started() -> Iterator[StandIn]:
    with StandIn(product=SIMULATED, days=[DAY]) as stand_in:
        yield stand_in


@pytest.fixture
def running(started: StandIn) -> StandIn:
    """The stand-in with the small product, without faults and requests of earlier tests; events they added stay."""
    started.clear()
    return started
