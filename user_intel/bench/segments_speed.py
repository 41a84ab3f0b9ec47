"""How fast users are grouped: `user-intel bench segments --speed`, each size in a fresh process, beside the defaults.

The rows are made up: users of twelve archetypes with 40 features that overlap. What is measured is all of `cluster`:
neighbours, both embeddings, groups, trials for quality, placing of whoever was not fitted. The peer is
`umap.UMAP` and `hdbscan.HDBSCAN` as they come, embedded and drawn once, without any measure of quality.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from user_intel.bench.measuring import Measurement, Row, measured, seconds_of

SIZES = (10_000, 50_000, 100_000, 1_000_000)
# The peer's memory and time grow with all users; beyond this it is not asked.
_PEER_UP_TO = 100_000
_TARGETS = {10_000: "< 30 s, < 1,536 MB", 50_000: "< 75 s, < 1,536 MB", 1_000_000: "< 360 s, < 4,096 MB"}


def rows(sizes: Sequence[int] = SIZES, *, with_peers: bool = True) -> Iterator[Row]:
    """Measures each size, ours first."""
    for size in sizes:
        ours = _measured("ours", size)
        yield Row(f"{size:,} users, fresh process", "user_intel", ours, target=_TARGETS.get(size, ""))
        yield Row(f"{size:,} users, again in it", "user_intel", _measured("warm", size))
        if with_peers and size <= _PEER_UP_TO:
            peer = _measured("defaults", size)
            yield Row(f"{size:,} users, fresh process", "umap-learn + hdbscan, defaults", peer, seconds_of(ours))


def _measured(task: str, size: int) -> Measurement | str:
    return measured([sys.executable, "-m", "user_intel.bench.ours_segments", task, str(size)])
