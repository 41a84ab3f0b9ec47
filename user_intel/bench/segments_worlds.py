"""One world of FrictionBench from seed to personas: made, written, built into journeys, grouped on each of its days.

`judge_world` runs in a process of its own and leaves nothing behind.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from user_intel.bench.segments_peers import ceiling, peers, standardised
from user_intel.bench.segments_score import Found, Judged, Kept, Member, found, kept, members_on, planted
from user_intel.detect.run import write_signals
from user_intel.journeys.build import build_journeys
from user_intel.lake import Lake
from user_intel.product import Clusters, Product
from user_intel.segment.clustering import cluster
from user_intel.segment.components import Habits, load_habits
from user_intel.segment.features import write_features
from user_intel.segment.matrix import Matrix, load_matrix
from user_intel.segment.plain import plain_values
from user_intel.segment.user_clusters import ClusteredDay, cluster_day
from user_intel.simulate.friction import Archetypes, Overlap, World, make_world
from user_intel.tables import catalogue

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """Which world to make; on how many days it is grouped, each over how many; how often its features are shuffled."""

    seed: int
    users: int
    days: int
    overlap: Overlap = "overlapping"
    control: bool = False
    shuffles: int = 0
    window_days: int = Clusters().window_days

    @property
    def name(self) -> str:
        """What is told of a world that could not be judged."""
        return f"seed {self.seed}, {'control' if self.control else self.overlap}, {self.users} users"


# Worlds are as long whatever is asked of them, so that a seed's world stays the same.
RUNS_AT_MOST = 14


def judge_world(task: Task) -> Judged:
    """Makes the world, groups its users on its last days, and holds that against what was planted."""
    with tempfile.TemporaryDirectory(prefix="user-intel-segments-", ignore_cleanup_errors=True) as home:
        return _judge(task, Path(home))


def _judge(task: Task, home: Path) -> Judged:
    wanted = Archetypes(count=1) if task.control else Archetypes(overlap=task.overlap)
    window = task.window_days
    world = make_world(task.seed, task.users, window + max(RUNS_AT_MOST, task.days) - 1, archetypes=wanted)
    product = world.product.model_copy(update={"clusters": Clusters(window_days=window)})
    lake = Lake(home, catalogue(product), threads=1)
    _write(lake, product, world)
    begun = time.perf_counter()
    runs = [_grouped(lake, product, day) for day in world.days[-task.days :]]
    seconds = (time.perf_counter() - begun) / len(runs)
    members = [members_on(world.members, day, window) for day in world.days[-task.days :]]
    lasted = None if task.control else _kept(lake, world.days[-task.days :], members)
    return _told(task, _Last(lake, product, world.days[-1], members[-1], runs[-1]), lasted, seconds)


def _write(lake: Lake, product: Product, world: World) -> None:
    world.write(lake)
    for day in world.days:
        build_journeys(lake, product, day)
        write_signals(lake, product, day)


def _grouped(lake: Lake, product: Product, day: date) -> ClusteredDay:
    write_features(lake, product, day)
    return cluster_day(lake, product, day)


def _kept(lake: Lake, days: list[date], members: list[dict[str, Member]]) -> Kept:
    told = []
    for day, scored in zip(days, members, strict=True):
        rows = lake.frame("user_clusters", [day]).select("user_id", "cluster_key").collect()
        told.append((scored, dict(rows.iter_rows())))
    return kept(told)


@dataclass(frozen=True)
class _Last:
    """The last day, which everything but lasting is judged by."""

    lake: Lake
    product: Product
    day: date
    members: dict[str, Member]
    run: ClusteredDay


def _told(task: Task, last: _Last, lasted: Kept | None, seconds: float) -> Judged:
    import numpy as np

    matrix = load_matrix(last.lake, last.product, last.day)
    habits = load_habits(last.lake, last.product, last.day, matrix)
    archetypes = np.array([_archetype(last.members, user) for user in matrix.user_ids])
    scored = archetypes >= 0
    labels = last.run.clustering.labels
    stable = [group.jaccard for group in last.run.clustering.quality.groups.values()]
    features = habits.whole if habits else matrix.values.astype(np.float64)
    return Judged(
        seed=task.seed,
        overlap=task.overlap,
        control=task.control,
        users=len(matrix.user_ids),
        scored=int(scored.sum()),
        planted=0 if task.control else planted(archetypes[scored]),
        verdict=last.run.clustering.verdict,
        words=last.run.clustering.words,
        ours=found(archetypes[scored], labels[scored]) if not task.control else None,
        lowest_jaccard=min(stable) if stable else None,
        ceiling=None if task.control else ceiling(features[scored], archetypes[scored]),
        peers={} if task.control else _peers(last, matrix, habits, archetypes),
        kept=lasted,
        shuffled=tuple(_shuffled(matrix, habits, last.product, seed) for seed in range(task.shuffles)),
        seconds=seconds,
    )


def _archetype(members: dict[str, Member], user: str) -> int:
    return members[user].archetype if user in members else -1


def _peers(last: _Last, matrix: Matrix, habits: Habits | None, archetypes: Labels) -> dict[str, Found]:
    import numpy as np

    shaping = ~matrix.sparse
    components = habits.components().values if habits else matrix.values.astype(np.float64)
    scored = archetypes[shaping] >= 0
    with last.lake.connect() as connection:
        plain = plain_values(last.lake.read(connection, "user_features", [last.day]), matrix.names)
    ways = peers(
        np.nan_to_num(plain[shaping]),
        matrix.values[shaping].astype(np.float64),
        components[shaping],
        planted(archetypes[archetypes >= 0]),
        last.product.clusters,
    )
    return {name: found(archetypes[shaping][scored], labels[scored]) for name, labels in ways}


def _shuffled(matrix: Matrix, habits: Habits | None, product: Product, seed: int) -> str:
    """The verdict where each habit is dealt out anew among users, so that none goes with another."""
    import numpy as np

    dice = np.random.default_rng(seed)
    whole = habits.whole if habits else matrix.values
    mixed = np.column_stack([dice.permutation(column) for column in whole.T])
    values = replace(habits, whole=mixed).components().values if habits else mixed
    told = standardised(mixed).astype(np.float32)
    return cluster(values.astype(np.float32), product.clusters, matrix.sparse, habits=told).verdict
