"""What the stand-in is told: its knobs, with PostHog's documented values as defaults, its content and its faults.

Belongs here: words that both the caller and the child process use. Light to import.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from user_intel.simulate.product import SimulatedProduct

# Requests per minute and per hour of a personal key, posthog.md section 1.5. None: no such limit.
CLOUD_RATE_LIMITS: dict[str, tuple[int | None, int | None]] = {
    "crud": (480, 4800),
    "clickhouse": (240, 1200),
    "queries": (240, 2400),
    "recordings": (60, 300),
}


FaultName = Literal[
    "401", "402", "403", "404", "410", "429", "500", "502", "503", "504", "512",
    "html_200", "html_502", "html_504", "broken", "truncated", "slow",
]  # fmt: skip


@dataclass
class Knobs:
    """The stand-in's project, key, plan and limits. Times are seconds.

    `rate_limits` is empty by default, as on a self-hosted PostHog; `CLOUD_RATE_LIMITS` are the cloud's.
    `heavy_rows`: an answer of more rows than this is refused with `heavy_status` instead, as if it had taken too long.
    `latency_s` passes before each query is run, while it counts against `max_concurrent`.
    `file_downloads`: whether the plan has file-download batch exports; `part_rows` is the size of their files.
    `missing_blocks`: blocks of every recording that are left out without a word.
    """

    api_key: str = "phx_simulated0000000000000000000000000000000000"
    scopes: tuple[str, ...] = ("*",)
    key_projects: tuple[int, ...] = ()
    project_id: int = 4242
    project_name: str = "Simulated product"
    timezone: str = "UTC"
    rate_limits: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    max_concurrent: int = 3
    queue_wait_s: float = 30.0
    latency_s: float = 0.0
    heavy_rows: int | None = None
    heavy_status: Literal[504, 512] = 504
    file_downloads: Literal["yes", "absent", "forbidden"] = "yes"
    part_rows: int = 20_000
    polls_until_done: int = 2
    missing_blocks: tuple[int, ...] = ()


@dataclass
class Fault:
    """One thing that goes wrong `times` times, for requests whose path, query name or text contain `match`.

    The first `after` matching requests are spared. `retry_after` (429, 503) is sent as Retry-After when given;
    `seconds` is how long `slow` takes before the true answer.
    """

    fault: FaultName
    times: int = 1
    match: str = ""
    after: int = 0
    retry_after: int | None = None
    seconds: float = 1.0


@dataclass
class Content:
    """What the stand-in holds: days of a simulated product, and Parquet files (events, then recordings)."""

    product: SimulatedProduct | None = None
    days: tuple[date, ...] = ()
    events_parquet: tuple[str, ...] = ()
    recordings_parquet: tuple[str, ...] = ()


@dataclass
class Orders:
    """What the child process is told at its start."""

    knobs: Knobs
    content: Content
    folder: str
