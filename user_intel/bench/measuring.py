"""One measurement, and how it is shown: a child process says what it took, and stands beside its peers in a table.

Belongs here: what every section of `user-intel bench speed` shares. What is measured is not.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from user_intel.files import ROOT

if TYPE_CHECKING:
    from rich.table import Table

WITHIN_S = 900
_PEERS = ROOT / "deploy" / "bench"


@dataclass(frozen=True)
class Measurement:
    """One child process: wall seconds of its task (processor seconds where said), peak memory, rows of its result."""

    seconds: float
    peak_mb: float
    rows: int


@dataclass(frozen=True)
class Row:
    """One line of the printed table; `ours_s` is what the peer's seconds are compared with."""

    what: str
    who: str
    found: Measurement | str
    ours_s: float | None = None
    target: str = ""


def measured(command: list[str]) -> Measurement | str:
    """What a child measured of itself, or in a few words why it could not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False, cwd=ROOT)
    except subprocess.TimeoutExpired:
        return f"not done within {WITHIN_S} s"
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
        return last[0][:120]
    lines = done.stdout.strip().splitlines()
    return Measurement(**json.loads(lines[-1])) if lines else "nothing to measure"


def seconds_of(found: Measurement | str) -> float | None:
    """The seconds, where there are any."""
    return found.seconds if isinstance(found, Measurement) else None


def peak_mb() -> float:
    """The most memory this process has had."""
    # Not ru_maxrss: that starts with what the parent had when it forked.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def make_peers() -> str:
    """Makes the peers' environment from its lock; what went wrong, or nothing."""
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    command = [uv, "sync", "--quiet", "--locked", "--project", str(_PEERS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"The peers are left out: their environment could not be made ({error})."
    return f"The peers are left out: {done.stderr.strip()[-300:]}" if done.returncode else ""


def peer_command(script: str, *words: str) -> list[str]:
    """The command that runs a script of this folder with the peers' Python."""
    # retentioneering reports home unless told otherwise.
    untracked = ["env", "RETENTIONEERING_NO_TRACK=1"]
    return [*untracked, str(_PEERS / ".venv" / "bin" / "python"), str(Path(__file__).with_name(script)), *words]


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="user-intel-bench-", ignore_cleanup_errors=True) as made:
        yield Path(made)


def table(title: str, rows: Sequence[Row]) -> Table:
    """The rows as they are printed."""
    from rich.table import Table

    made = Table(title=title, title_justify="left")
    for name in ("what", "who", "seconds", "rows/s", "peak MB", "slower than ours", "target"):
        made.add_column(name, justify="left" if name in ("what", "who", "target") else "right")
    for row in rows:
        made.add_row(row.what, row.who, *figures(row), row.target)
    return made


def figures(row: Row) -> tuple[str, str, str, str]:
    """Seconds, rows a second, peak memory and the ratio to ours, as they are printed."""
    if isinstance(row.found, str):
        return row.found, "", "", ""
    found = row.found
    rate = f"{found.rows / found.seconds:,.0f}" if found.rows > 1000 else ""
    peak = f"{found.peak_mb:,.0f}" if found.peak_mb else ""
    slower = f"{found.seconds / row.ours_s:.1f}x" if row.ours_s else ""
    return f"{found.seconds:.2f}", rate, peak, slower
