"""Where clips lie: `<home>/replays/<day>/<clip_id>.mp4`, and beside each a JSON file of what is known of it.

The JSON file is written last and whole, so a clip with one is done: a killed run's next one goes on after it. What a
day's table does not name any more (another choice, a forgotten person, an expired day) is swept away.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from user_intel.lake import Lake
from user_intel.whole_files import write_whole

ClipKind = Literal["moment", "overview"]
_DIGITS = 16


@dataclass(frozen=True)
class Shelf:
    """The clips of one home."""

    home: Path

    @property
    def root(self) -> Path:
        """The folder of all clips."""
        return self.home / "replays"

    def path(self, day: date, clip_id: str, suffix: str = ".mp4") -> Path:
        """Where a clip, or what is known of it, lies, whether or not it is there."""
        return self.root / day.isoformat() / f"{clip_id}{suffix}"

    def known(self, day: date, clip_id: str) -> dict[str, Any] | None:
        """What was kept of a clip; None where it is not done, or its video has gone."""
        try:
            kept: dict[str, Any] = json.loads(self.path(day, clip_id, ".json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        named = kept.get("file")
        return kept if named is None or (self.root / named).exists() else None

    def keep(self, day: date, clip_id: str, told: Mapping[str, Any]) -> None:
        """Keeps what is known of a clip: readable by its owner only, like all that names a session."""
        path = self.path(day, clip_id, ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(told, ensure_ascii=False))

    def sweep(self, day: date, clip_ids: Collection[str]) -> int:
        """Removes all of a day but the clips named; how many files that were."""
        folder = self.root / day.isoformat()
        gone = [path for path in folder.glob("*") if path.name.partition(".")[0] not in clip_ids]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def days(self) -> list[date]:
        """The days that have clips, in order."""
        return sorted(date.fromisoformat(folder.name) for folder in self.root.glob("????-??-??"))

    def drop_before(self, oldest: date) -> list[date]:
        """Removes the clips of days before `oldest`; which days those were."""
        gone = [day for day in self.days() if day < oldest]
        for day in gone:
            shutil.rmtree(self.root / day.isoformat(), ignore_errors=True)
        return gone


def clip_id(day: date, pain_point_id: str, session_id: str, kind: ClipKind) -> str:
    """What a clip is called: a digest, so that no session is named in a file's name."""
    named = "\n".join((day.isoformat(), pain_point_id, session_id, kind))
    return hashlib.sha256(named.encode()).hexdigest()[:_DIGITS]


def sweep_unnamed(lake: Lake, days: Iterable[date]) -> int:
    """Removes the clips that the tables of these days do not name; how many files. Raises DayBusy."""
    shelf, swept = Shelf(lake.home), 0
    for day in sorted(set(days) & set(shelf.days())):
        with lake.writing("replay_clips", day, wait_s=120.0), lake.connect() as connection:
            named = lake.read(connection, "replay_clips", [day]).project("clip_id").fetchall()
            swept += shelf.sweep(day, {row[0] for row in named})
    return swept


def drop_expired(lake: Lake, keep_days: int, today: date) -> list[date]:
    """Removes the clips of days more than `keep_days` before `today`; their rows stay, without a file to look at."""
    return Shelf(lake.home).drop_before(today - timedelta(days=keep_days))
