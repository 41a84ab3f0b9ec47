"""Both Jiras, each started once for all tests of the stage and emptied for every test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from user_intel_tests.act.stand_in import JiraStandIn


@pytest.fixture(scope="session")
def stand_in() -> Iterator[Callable[[str], JiraStandIn]]:
    """The running stand-in of a flavour."""
    with ExitStack() as running:
        yield cache(lambda flavour: running.enter_context(JiraStandIn(flavour)))


@pytest.fixture(params=["cloud", "server"])
def jira(request: pytest.FixtureRequest, stand_in: Callable[[str], JiraStandIn]) -> Iterator[JiraStandIn]:
    """An empty Jira, Cloud and Server in turn. Whatever was asked of it was as Jira describes its API."""
    yield from _empty(stand_in(request.param))


@pytest.fixture
def cloud(stand_in: Callable[[str], JiraStandIn]) -> Iterator[JiraStandIn]:
    """As `jira`, for what does not depend on which of the two it is."""
    yield from _empty(stand_in("cloud"))


def _empty(running: JiraStandIn) -> Iterator[JiraStandIn]:
    running.clear()
    yield running
    assert running.violations() == []
