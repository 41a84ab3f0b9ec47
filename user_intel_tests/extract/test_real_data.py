"""Real data, imported: what the lake holds is what plain Python counts, and what is published about the data."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from user_intel import privacy
from user_intel.extract.csv import Imported, import_csv
from user_intel.extract.normalise import Normaliser
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue
from user_intel_tests import real_data

SALT = b"a salt of the tests, long enough"
# All 4.7 million views take half a minute; at the desk a tenth of the visitors will do.
MSNBC_EVERY = 1 if os.environ.get("CI") == "true" else 10


def imported(path: Path, home: Path) -> tuple[Lake, Imported]:
    lake = Lake(home, catalogue(Product()))
    return lake, import_csv([path], lake, Normaliser(Product(), SALT), max_rejected_share=0.0)


def counted(lake: Lake, *columns: str, where: str = "true") -> Counter[Any]:
    """How many events there are of each value (or tuple of values) of some columns."""
    with lake.connect() as connection:
        rows = lake.read(connection, "events").filter(where)
        names = ", ".join(columns)
        found = rows.aggregate(f"{names}, count(*)", names).fetchall()
    return Counter({row[0] if len(columns) == 1 else row[:-1]: row[-1] for row in found})


def test_the_shop(shared_data: Path, tmp_path: Path) -> None:
    rows = real_data.shop_rows(shared_data)
    lake, result = imported(real_data.shop_csv(shared_data, tmp_path), tmp_path / "home")
    assert (result.rows, result.added) == (len(rows), len(rows)) == (31_106, 31_106)
    assert counted(lake, "step") == Counter(row["event"] for row in rows)
    assert counted(lake, "session_id") == Counter(row["session_id"] for row in rows)
    assert counted(lake, "user_id") == Counter(privacy.pseudonym(row["user_id"], SALT) for row in rows)
    assert counted(lake, "day::varchar") == Counter(row["timestamp"][:10] for row in rows)
    segments = ("platform", "acquisition_channel", "user_cohort", "user_lifecycle")
    found = Counter({json.loads(text)["platform"]: 0 for text in counted(lake, "properties")})
    for text, count in counted(lake, "properties").items():
        assert set(json.loads(text)) == set(segments)
        found[json.loads(text)["platform"]] += count
    assert found == Counter(row["platform"] for row in rows)


def test_the_access_log(shared_data: Path, tmp_path: Path) -> None:
    truth = real_data.ground_truth(shared_data, "apache_logs")
    lake, result = imported(real_data.apache_csv(shared_data, tmp_path), tmp_path / "home")
    assert result.rows == result.added == truth["lines"]
    # The one line that a strict pattern does not match, for a quote left out, is a bot's that got its page.
    bots = truth["lines_flagged_bot_by_crawler-user-agents"] + truth["unparsed_by_strict_regex"]
    assert counted(lake, "is_bot")[True] == bots
    rows = list(real_data.apache_rows(shared_data))
    assert len(counted(lake, "user_id")) == len({row["user_id"] for row in rows})
    statuses: Counter[str] = Counter()
    for text, count in counted(lake, "properties").items():
        statuses[json.loads(text)["status"]] += count
    assert statuses == Counter(truth["status"]) + Counter({"200": truth["unparsed_by_strict_regex"]})
    pages = counted(lake, "page")
    for path in ("/style2.css", "/reset.css", "/images/jordan-80.png", "/robots.txt"):
        assert pages[path] == truth["top_paths"][path]
    # Two ways to write one page are one step, e.g. //favicon.ico.
    written = Counter(re.sub("/+", "/", row["action"].split("?")[0]).rstrip("/") or "/" for row in rows)
    for path in ("/", "/favicon.ico", "/projects/xdotool", "/projects", "/blog/geekery"):
        assert pages[path] == written[path] > 0
    kept = counted(lake, "properties", "page", "event", "element")
    addresses = {row["user_id"].split(" ")[0] for row in rows}
    assert not [address for address in addresses if any(address in str(row) for row in kept)]


def test_games_given_up(shared_data: Path, tmp_path: Path) -> None:
    truth = real_data.ground_truth(shared_data, "wikispeedia")
    games = list(real_data.wikispeedia_games(shared_data))
    lake, result = imported(real_data.wikispeedia_csv(shared_data, tmp_path), tmp_path / "home")
    visits = Counter(article for game in games for article in game[3])
    assert result.rows == result.added == visits.total()
    assert counted(lake, "event") == visits
    assert counted(lake, "event")["<"] == truth["backclicks_total"]
    assert len(counted(lake, "session_id")) == truth["rows"]
    assert len(counted(lake, "user_id")) == truth["users"]
    assert counted(lake, "session_id") == Counter({f"game-{n}": len(game[3]) for n, game in enumerate(games)})


def test_a_day_of_a_news_site(shared_data: Path, tmp_path: Path) -> None:
    truth = real_data.ground_truth(shared_data, "msnbc")
    lake, result = imported(real_data.msnbc_csv(shared_data, tmp_path, MSNBC_EVERY), tmp_path / "home")
    views: Counter[str] = Counter()
    visitors: Counter[str] = Counter()
    sequences = 0
    for categories in real_data.msnbc_visitors(shared_data, MSNBC_EVERY):
        views.update(categories)
        visitors.update(set(categories))
        sequences += 1
    if MSNBC_EVERY == 1:
        assert (views, visitors) == (truth["views_by_category"], truth["users_by_category"])
        assert (views.total(), sequences) == (truth["page_views"], truth["sequences"])
    assert result.rows == result.added == views.total()
    assert counted(lake, "step") == Counter({f"/{name}": count for name, count in views.items()})
    with lake.connect() as connection:
        events = lake.read(connection, "events")
        found = events.aggregate("step, count(distinct user_id)", "step").fetchall()
        assert events.aggregate("count(distinct user_id)").fetchall() == [(sequences,)]
    assert dict(found) == {f"/{name}": count for name, count in visitors.items()}


def test_bots_are_judged_as_the_list_they_come_from_says(shared_data: Path) -> None:
    from user_intel.extract.normalise import declares_bot

    listed = json.loads((shared_data / "bot_user_agents" / "crawler-user-agents.json").read_text(encoding="utf-8"))
    instances = [agent for crawler in listed for agent in crawler.get("instances", [])]
    assert len(instances) > 1000
    missed = [agent for agent in instances if not declares_bot(agent)]
    assert len(missed) <= 0.01 * len(instances)


@pytest.fixture(autouse=True)
def _real_data(shared_data: Path) -> None:
    """Skips all of this file where the data is absent."""
