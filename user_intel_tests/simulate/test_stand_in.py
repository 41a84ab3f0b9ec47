"""The handle of the stand-in: it starts, tells what failed, and its child never outlives its parent."""

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from user_intel.errors import SourceError
from user_intel.simulate import SimulatedProduct, StandIn
from user_intel_tests.simulate.conftest import Asker

PARENT = """
import os, signal, sys
from user_intel.simulate import StandIn
posthog = StandIn().__enter__()
print(posthog.pid, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""


def gone(pid: int) -> bool:
    """Whether a process has ended (a dead one that nobody has waited for counts)."""
    try:
        os.kill(pid, 0)
        return "Z" in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return True


def test_the_child_dies_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.communicate(b"now\n")
    for _ in range(50):
        if gone(pid):
            break
        time.sleep(0.1)

    assert gone(pid)


def test_a_parquet_file_can_be_served(tmp_path: Path) -> None:
    events = SimulatedProduct(seed=1, users=50).events([date(2026, 3, 2)])
    events.write_parquet(tmp_path / "events.parquet")
    with StandIn(events_parquet=[tmp_path / "events.parquet"]) as posthog:
        pid = posthog.pid
        with Asker(posthog) as ask:
            found = ask.rows("select count() from events")

    assert found == [[len(events)]]
    assert pid is not None
    assert gone(pid)


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceError, match=r"did not start(.|\n)*nothing\.parquet"),
        StandIn(events_parquet=[tmp_path / "nothing.parquet"]),
    ):
        pass
