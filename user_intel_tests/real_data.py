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

import polars as pl

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


def wikispeedia_walks(shared_data: Path, every: int = 1) -> dict[str, list[str]]:
    """The articles of each game in the order they were seen: a click on back is the article it leads back to.

    Of each `every` games only the first.
    """
    paths = (path for _, _, _, path, _ in wikispeedia_games(shared_data))
    return {f"game-{n}": _replayed(path) for n, path in enumerate(paths) if n % every == 0}


def _replayed(path: list[str]) -> list[str]:
    trail: list[str] = []
    seen = []
    for article in path:
        if article != "<":
            trail.append(article)
        elif len(trail) > 1:
            trail.pop()
        seen.append(trail[-1])
    return seen


def wikispeedia_walks_csv(walks: dict[str, list[str]], folder: Path) -> Path:
    """One row per article of `wikispeedia_walks`, one each two seconds; all games on one day, each of another user."""
    rows = [
        {
            "session_id": game,
            "user_id": game,
            "timestamp": (WIKISPEEDIA_FIRST_DAY + timedelta(seconds=number * 2 + place * 2)).isoformat(),
            "action": article,
        }
        for number, (game, articles) in enumerate(walks.items())
        for place, article in enumerate(articles)
    ]
    return _write(folder / "wikispeedia_walks.csv", rows)


# --- mouse_balabit: pointers at ordinary office work ---------------------------------------------------------------


def balabit_presses(shared_data: Path) -> list[tuple[str, float, tuple[float, float]]]:
    """(session, seconds since it began, place) of each press of the left button."""
    import polars as pl

    moves = pl.read_parquet(shared_data / "mouse_balabit" / "test_sessions_user21_user29.parquet")
    presses = moves.filter((pl.col("button") == "Left") & (pl.col("state") == "Pressed"))
    return [
        (f"{user}-{session}", second, (float(x), float(y)))
        for user, session, second, x, y in presses.select("user", "session", "client_timestamp", "x", "y").iter_rows()
    ]


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


# --- bpic2013: incidents handed from team to team --------------------------------------------------------------------


def bpic2013_rows(shared_data: Path) -> list[dict[str, Any]]:
    """The rows as they are, by case and time: case, org:group, org:resource, concept:name, lifecycle:transition, ..."""
    rows = pl.read_parquet(shared_data / "bpic2013" / "bpic2013_incidents.parquet")
    return rows.sort("case", "time:timestamp", maintain_order=True).to_dicts()


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path
