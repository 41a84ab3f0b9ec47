"""One world of FrictionBench from seed to reports: made, written, built into journeys, judged day by day.

`judge_world` runs in a process of its own. A kept world (`--keep`) is found again by its arguments and by a digest of
the simulator's code: then only what the detectors wrote is removed and made anew.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from user_intel.bench.friction_reports import OURS, Judged, Report, read_reports
from user_intel.bench.friction_rules import by_rules
from user_intel.journeys.build import build_journeys
from user_intel.lake import Lake
from user_intel.product import Product, load_product
from user_intel.simulate import friction
from user_intel.simulate.friction import Truth, World, make_world
from user_intel.tables import catalogue

if TYPE_CHECKING:
    DetectDay = Callable[[Lake, Product, date], None]


@dataclass(frozen=True)
class Task:
    """Which world to make and judge, and where to keep it; in a folder that vanishes when `keep` is None."""

    seed: int
    clean: bool
    users: int
    days: int
    keep: Path | None = None

    @property
    def name(self) -> str:
        """The folder of a kept world."""
        return f"seed-{self.seed}-{'clean' if self.clean else 'planted'}-{self.users}-users-{self.days}-days"


def judge_world(task: Task) -> Judged:
    """Makes the world where it is not kept, and asks our detectors and the rules about each of its days."""
    if task.keep:
        return _judge(task, task.keep / task.name)
    with tempfile.TemporaryDirectory(prefix="user-intel-friction-", ignore_cleanup_errors=True) as home:
        return _judge(task, Path(home))


def _judge(task: Task, home: Path) -> Judged:
    told = home / "world.json"
    stamp = _simulator_digest()
    known: dict[str, Any] = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    if known.get("simulator") != stamp:
        known = _make(task, home, stamp)
    product = load_product(home)
    lake = Lake(home, catalogue(product), threads=1)
    days = tuple(date.fromisoformat(day) for day in known["days"])
    begun = time.perf_counter()
    ours = _detect(lake, product, days)
    seconds = time.perf_counter() - begun
    reports = {OURS: ours} | by_rules(lake, product, days)
    outage = date.fromisoformat(known["outage"]) if known["outage"] else None
    return Judged(task.seed, task.clean, days, outage, tuple(map(_truth, known["truths"])), reports, seconds)


def _make(task: Task, home: Path, stamp: str) -> dict[str, Any]:
    home.mkdir(parents=True, exist_ok=True)
    world = make_world(task.seed, task.users, task.days, clean=task.clean)
    (home / "product.yaml").write_text(_as_yaml(world.product), encoding="utf-8")
    lake = Lake(home, catalogue(world.product), threads=1)
    world.write(lake)
    for day in world.days:
        build_journeys(lake, world.product, day)
    known = _described(world) | {"simulator": stamp}
    (home / "world.json").write_text(json.dumps(known, indent=1), encoding="utf-8")
    return known


def _detect(lake: Lake, product: Product, days: tuple[date, ...]) -> list[Report]:
    # Imported here: what FrictionBench judges is the only thing of the detectors that it knows.
    from user_intel.detect.run import detect_day

    return run_detectors(lake, product, days, detect_day)


def run_detectors(lake: Lake, product: Product, days: tuple[date, ...], detect_day: DetectDay) -> list[Report]:
    """Removes what detectors wrote, runs them on each day in order, and reads what each day then says."""
    for table in lake.tables.values():
        if table.stage == "detect":
            for day in lake.days(table.name):
                lake.drop_day(table.name, day)
    reports = []
    for day in days:
        detect_day(lake, product, day)
        reports += read_reports(lake, day)
    return reports


def _described(world: World) -> dict[str, Any]:
    """The world's days, outage and truths, ready for JSON."""
    truths = [asdict(truth) | {"first_day": truth.first_day.isoformat()} for truth in world.truths]
    outage = world.outage.isoformat() if world.outage else None
    return {"days": [day.isoformat() for day in world.days], "outage": outage, "truths": truths}


def _truth(told: dict[str, Any]) -> Truth:
    return Truth(**{**told, "steps": tuple(told["steps"]), "first_day": date.fromisoformat(told["first_day"])})


def _as_yaml(product: Product) -> str:
    return yaml.safe_dump(product.model_dump(exclude_defaults=True), sort_keys=False)


def _simulator_digest() -> str:
    folder = Path(friction.__file__).parent
    code = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(code).hexdigest()[:16]
