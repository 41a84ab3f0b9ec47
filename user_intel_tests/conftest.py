"""Fixtures that several stages share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from user_intel_tests import postgres as postgres_server


@pytest.fixture(scope="session", autouse=True)
def _graph_servers_stop_soon() -> Iterator[None]:
    """The embedded graph servers of the tests' homes, those of children too, do not wait ten minutes for more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USER_INTEL_GRAPH_IDLE_MINUTES", "0.1")
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Postgres]:
    """A PostgreSQL server of the test run's own. Skips where none is installed, but never with CI=true."""
    bin_ = postgres_server.programs()
    if bin_ is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed: deploy/test-services.sh should have done it")
        pytest.skip("PostgreSQL is not installed (make test installs it on Debian)")
    with postgres_server.running(bin_) as server:
        yield server


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project. Skips where it is absent."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not here: real data is not part of the project")
    return folder
