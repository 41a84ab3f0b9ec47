"""What is promised of pain points, checked on days written by hand."""

from dataclasses import asdict
from datetime import timedelta
from json import dumps
from pathlib import Path

import pytest

from user_intel.detect.checks import losses_beyond_the_real, without_evidence
from user_intel.detect.wording import PainPoint
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel_tests.detect.hand_made import DAY, Session, new_lake, write, write_rows
from user_intel_tests.detect.made_pain_points import made

PRODUCT = Product(flows={"buy": ["/home", "/cart", "paid"]})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two days: five sessions set foot in the flow, two of them reach its goal, one more is elsewhere."""
    lake = new_lake(tmp_path, PRODUCT)
    write(lake, DAY - timedelta(days=6), [Session("/home /cart paid"), Session("/home")])
    walks = ["/home /cart /home /cart", "/cart paid", "/help /home", "/help"]
    write(lake, DAY, [Session(walk) for walk in walks])
    # Out of the window.
    write(lake, DAY - timedelta(days=7), [Session("/home")] * 9)
    places = enumerate(PRODUCT.flows["buy"], start=1)
    funnel = [{"day": DAY, "flow": "buy", "segment": "all", "position": n, "step": step} for n, step in places]
    write_rows(lake, "funnels", DAY, funnel)
    return lake


def store(lake: Lake, *found: PainPoint) -> None:
    write_rows(lake, "pain_points", DAY, [{**asdict(each), "facts": dumps(each.facts)} for each in found])


def test_losses_up_to_the_real_one_are_sound(lake: Lake) -> None:
    halves = (made("drop_off", step, flow="buy", lost_conversions=1.5) for step in ("/home", "/cart"))
    store(lake, *halves, made("u_turn", "/help"))
    assert losses_beyond_the_real(lake, PRODUCT, DAY) == {}


def test_losses_beyond_the_real_one_are_told_with_both_numbers(lake: Lake) -> None:
    store(lake, made("drop_off", "/home", flow="buy", lost_conversions=2), made("loop", flow="buy", lost_conversions=2))
    assert losses_beyond_the_real(lake, PRODUCT, DAY) == {"buy": (4.0, 3)}


def test_pain_points_need_sessions_and_users_but_anomalies_do_not(lake: Lake) -> None:
    store(
        lake,
        made("drop_off", "/a", sessions=10, users=5),
        made("drop_off", "/b", sessions=9, users=9),
        made("drop_off", "/c", sessions=90, users=4),
        made("anomaly", "sessions", sessions=0, users=0),
    )
    assert without_evidence(lake, PRODUCT, DAY) == ["drop_off /b", "drop_off /c"]


def test_a_day_without_pain_points_breaks_no_promise(lake: Lake) -> None:
    assert losses_beyond_the_real(lake, PRODUCT, DAY) == {}
    assert without_evidence(lake, PRODUCT, DAY) == []
