"""Journeys of real data, against what is known of it."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl

from user_intel.extract.csv import import_csv
from user_intel.extract.normalise import Normaliser
from user_intel.journeys.build import build_journeys
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue
from user_intel_tests import real_data

PRODUCT = Product()


def built(home: Path, path: Path) -> Lake:
    """The lake of one CSV file with the journeys of all its days, and of the day after for what runs over."""
    lake = Lake(home, catalogue(PRODUCT))
    import_csv([path], lake, Normaliser(PRODUCT, b"a salt for tests"), max_rejected_share=1)
    days = lake.days("events")
    for day in [*days, days[-1] + timedelta(days=1)]:
        build_journeys(lake, PRODUCT, day)
    return lake


def test_a_web_servers_log_has_the_sessions_that_are_known(shared_data: Path, tmp_path: Path) -> None:
    lake = built(tmp_path / "home", real_data.apache_csv(shared_data, tmp_path))
    truth = real_data.ground_truth(shared_data, "apache_logs")
    assert lake.frame("sessions").select(pl.len()).collect().item() == truth["sessions_30min_excluding_bots"]


def test_visitors_of_a_portal_enter_leave_and_move_as_counted(shared_data: Path, tmp_path: Path) -> None:
    every = 200
    lake = built(tmp_path / "home", real_data.msnbc_csv(shared_data, tmp_path, every))
    visitors = real_data.msnbc_visitors(shared_data, every)
    walks = [[f"/{p}" for n, p in enumerate(walk) if n == 0 or p != walk[n - 1]] for walk in visitors]
    steps = lake.frame("steps").collect()
    entered = Counter(steps.filter(pl.col("position") == 1)["step"].to_list())
    moved = Counter(steps.drop_nulls("next_step").select("step", "next_step").iter_rows())
    assert entered == Counter(walk[0] for walk in walks)
    assert moved == Counter(pair for walk in walks for pair in pairwise(walk))
