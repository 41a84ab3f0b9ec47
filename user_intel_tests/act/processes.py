"""Days run in processes of their own, to be killed or to meet each other; a fork server has loaded what they need."""

from __future__ import annotations

import multiprocessing
import time
from datetime import date
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from user_intel_tests.detect.hand_made import DAY

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["user_intel_tests.act.loaded"])


def start(home: Path, environment: dict[str, str], day: date = DAY, *, hold: bool = False) -> ForkServerProcess:
    """Runs the stage's day on a home. `hold`: stops for good when Jira has made a ticket that is not recorded yet."""
    process = _FORKS.Process(target=run_day, args=(home, environment, day, hold), daemon=True)
    process.start()
    return process


def run_day(home: Path, environment: dict[str, str], day: date, hold: bool) -> None:
    """What the process does."""
    from user_intel.act import filing
    from user_intel.act.run import act_day
    from user_intel.product import load_product
    from user_intel.settings import Settings
    from user_intel.state.store import State
    from user_intel_tests.detect.hand_made import new_lake

    filing._LOOK_EVERY_S = 0.1
    if hold:
        State.record_ticket = _hold  # type: ignore[method-assign,assignment]
    product = load_product(home)
    settings = Settings(_env_file=None, USER_INTEL_HOME=home, **environment)  # type: ignore[arg-type,call-arg]
    act_day(new_lake(home, product), product, settings, day, today=day)


def _hold(*_: Any, **__: Any) -> None:
    time.sleep(3600)
