"""Real data nobody here wrote, as CSV files for the import, and what it holds, counted in plain Python.

Each adapter writes one CSV file and returns its path; nothing of the data is part of the project. What the adapters
change is said at each: names of columns, and times where the data has none.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

APACHE_LINE = re.compile(
    r'(?P<ip>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<request>[^"]*)" (?P<status>\d{3}) \S+ "[^"]*" "(?P<agent>.*)"?$'
)
MSNBC_DAY = datetime(1999, 9, 28, tzinfo=UTC)
WIKISPEEDIA_FIRST_DAY = datetime(2014, 1, 1, tzinfo=UTC)


def ground_truth(shared_data: Path, name: str) -> dict[str, Any]:
    """What is known about a data set: the numbers of its GROUND_TRUTH.json."""
    found: dict[str, Any] = json.loads((shared_data / name / "GROUND_TRUTH.json").read_text(encoding="utf-8"))
    return found


# --- shop: an e-commerce clickstream -----------------------------------------------------------------------------


def shop_rows(shared_data: Path) -> list[dict[str, str]]:
    """The rows as they are: user_id, session_id, event, timestamp, platform, acquisition_channel, ..."""
    with gzip.open(shared_data / "shop" / "ecom.csv.gz", "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def shop_csv(shared_data: Path, folder: Path) -> Path:
    """The shop as it is, but for the column `event`, which is called `action` here; packed."""
    with gzip.open(shared_data / "shop" / "ecom.csv.gz", "rt", encoding="utf-8", newline="") as source:
        header, rest = source.readline(), source.read()
    path = folder / "shop.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=1) as target:
        target.write(header.replace(",event,", ",action,") + rest)
    return path


# --- apache_logs: one web server's access log ----------------------------------------------------------------------


def apache_rows(shared_data: Path) -> Iterator[dict[str, str]]:
    """One row per line of the log: user_id (address and user agent), timestamp, action, user_agent, status."""
    with (shared_data / "apache_logs" / "apache_logs").open(encoding="utf-8") as handle:
        for line in handle:
            found = APACHE_LINE.match(line.rstrip("\n"))
            assert found, line
            request = found["request"].split(" ")
            yield {
                "user_id": f"{found['ip']} {found['agent']}",
                "timestamp": found["time"],
                "action": request[1] if len(request) > 1 else found["request"],
                "user_agent": found["agent"].removesuffix('"'),
                "status": found["status"],
            }


def apache_csv(shared_data: Path, folder: Path) -> Path:
    """The log as a CSV file."""
    return _write(folder / "apache.csv", list(apache_rows(shared_data)))


# --- wikispeedia: paths through an encyclopedia that people gave up --------------------------------------------------


def wikispeedia_games(shared_data: Path) -> Iterator[tuple[str, datetime, int, list[str], str]]:
    """One per game: player, start, seconds it took, articles visited (< is a click on back), how it ended."""
    with (shared_data / "wikispeedia" / "paths_unfinished.tsv").open(encoding="utf-8") as handle:
        for line in handle:
            player, seconds, duration, path, _, ending = line.rstrip("\n").split("\t")
            yield player, datetime.fromtimestamp(int(seconds), UTC), int(duration), path.split(";"), ending


def wikispeedia_csv(shared_data: Path, folder: Path) -> Path:
    """One row per article visited or click on back, and session_id for the game.

    The clicks of a game are spread evenly over the time it took (at most half an hour: there are games of days). Its
    day is folded into a fortnight: a thousand days of twenty games each would test nothing more than the patience.
    """
    rows = []
    for number, (player, start, duration, path, ending) in enumerate(wikispeedia_games(shared_data)):
        day = WIKISPEEDIA_FIRST_DAY + timedelta(days=number % 14)
        first = day + timedelta(hours=start.hour % 23, minutes=start.minute / 2, seconds=start.second / 2)
        step = timedelta(seconds=min(duration, 1700) / len(path))
        rows += [
            {
                "session_id": f"game-{number}",
                "user_id": player,
                "timestamp": (first + place * step).isoformat(timespec="milliseconds"),
                "action": article,
                "ending": ending,
            }
            for place, article in enumerate(path)
        ]
    return _write(folder / "wikispeedia.csv", rows)


# --- msnbc: the page categories of one day's visitors -----------------------------------------------------------------


def msnbc_visitors(shared_data: Path, every: int = 1) -> Iterator[list[str]]:
    """The page categories that each visitor saw, in order; of each `every` visitors only the first."""
    with zipfile.ZipFile(shared_data / "msnbc" / "msnbc990928.zip") as packed, packed.open("msnbc990928.seq") as handle:
        lines = io.TextIOWrapper(handle, encoding="ascii")
        header = [next(lines) for _ in range(7)]
        names = dict(zip(map(str, range(1, 18)), header[2].split(), strict=True))
        for number, line in enumerate(line for line in lines if line.strip()):
            if number % every == 0:
                yield [names[code] for code in line.split()]


def msnbc_csv(shared_data: Path, folder: Path, every: int = 1) -> Path:
    """One row per page seen. The data has no times: a visitor starts somewhere in the day and sees a page a second."""
    path = folder / "msnbc.csv"
    seconds = [(MSNBC_DAY + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ") for second in range(86_400)]
    with path.open("w", encoding="ascii") as handle:
        handle.write("user_id,timestamp,action\n")
        for number, categories in enumerate(msnbc_visitors(shared_data, every)):
            start = number * 7919 % 60_000
            handle.writelines(f"v{number},{seconds[start + n]},/{name}\n" for n, name in enumerate(categories))
    return path


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path
