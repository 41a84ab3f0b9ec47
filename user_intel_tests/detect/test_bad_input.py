"""Products and days that give a detector nothing to hold on to: no crash, no pain point, and a reason."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from user_intel.detect.run import detect_day, detect_window
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel_tests.detect.hand_made import DAY, Session, before, new_lake, rows, write_alike

TEN_DAYS = [before(back) for back in reversed(range(10))]
_TESTED = ("drop_offs", "loops", "slow_steps", "underused_features")


def ordinary(luck: Random, count: int, **changed: object) -> list[Session]:
    """Sessions of a small shop where nothing is wrong."""
    found = []
    for _ in range(count):
        walk = [f"/home:{luck.uniform(2, 40):.1f}"]
        for step, stays in (("/list", 0.8), ("/item", 0.7), ("/cart", 0.6), ("paid", 0.7)):
            if luck.random() > stays:
                break
            walk.append(f"{step}:{luck.uniform(2, 40):.1f}")
        known = {
            "user": f"user {luck.randrange(300)}",
            "values": {"device": luck.choice(["mobile", "desktop"])},
            "returns": True,
        }
        found.append(Session(" ".join(walk), **{**known, **changed}))  # type: ignore[arg-type]
    return found


FLOW = {"buy": ["/home", "/cart", "paid"]}
CASES = {
    "a flow whose steps never occur": (Product(flows={"ghosts": ["/x", "/y", "z"]}), {}),
    "a segment with one value": (Product(segments=["device"], flows=FLOW), {"values": {"device": "mobile"}}),
    "a segment nobody has": (Product(segments=["device"], flows=FLOW), {"values": {}}),
    "a feature nobody uses": (Product(features=["export"], flows=FLOW), {}),
    "all users are one": (Product(flows=FLOW), {"user": "anna"}),
    "a property with an odd name": (
        Product(segments=["$the device.type-"]),
        {"values": {"$the device.type-": "x'=\"y"}},
    ),
}


@pytest.mark.parametrize(("product", "changed"), CASES.values(), ids=CASES)
def test_a_product_with(product: Product, changed: dict[str, object], tmp_path: Path) -> None:
    lake = new_lake(tmp_path, product)
    write_alike(lake, product, TEN_DAYS, ordinary(Random(4), 60, **changed))
    no_pain_and_reasons(lake, product)


def test_a_product_of_three_steps_whose_users_all_do_the_same_in_no_time(tmp_path: Path) -> None:
    product = Product()
    lake = new_lake(tmp_path, product)
    write_alike(lake, product, TEN_DAYS, [Session("/a:0 /b:0 /c", f"user {n}") for n in range(60)])
    no_pain_and_reasons(lake, product)


@pytest.mark.parametrize("walk", ["/a:5 /b", ""])
def test_a_day_of_one_session(walk: str, tmp_path: Path) -> None:
    product = Product(segments=["device"], features=["export"], flows=FLOW)
    lake = new_lake(tmp_path, product)
    write_alike(lake, product, [DAY], [Session(walk)])
    no_pain_and_reasons(lake, product)


def test_days_without_anything(tmp_path: Path) -> None:
    product = Product(segments=["device"], features=["export"], flows=FLOW)
    lake = new_lake(tmp_path, product)
    detect_window(lake, product, DAY)
    assert all(rows(lake, table) == [] for table in ("pain_points", *_TESTED, "anomalies"))
    write_alike(lake, product, [DAY], [])
    no_pain_and_reasons(lake, product)


def no_pain_and_reasons(lake: Lake, product: Product) -> None:
    """Asks on the last day and looks for pain points, and for silence without a reason."""
    detect_day(lake, product, DAY)
    assert rows(lake, "pain_points") == []
    for table in (*_TESTED, "anomalies"):
        for row in rows(lake, table):
            assert (row["p_value"] is None) == (row["reason"] is not None), row
