"""Pictures of pain points: small, whole, the same twice, and of any names and numbers whatever."""

import io
import sys
import time
from pathlib import Path

import pytest

from user_intel.detect.illustration import illustrated
from user_intel.detect.picture import Arrow, Place, picture, shortened
from user_intel.detect.wording import PainPoint
from user_intel_tests.detect.hand_made import new_lake, write_rows
from user_intel_tests.detect.made_pain_points import DAY, ONE_OF_EACH, made
from user_intel_tests.detect.troubled_shop import PRODUCT, write_shop

FUNNEL = [Place("/cart", 900), Place("/shipping", 700), Place("/pay", 410), Place("paid", 380)]
ARROWS = [Arrow("/home", "/status", 97), Arrow("/status", "/home", 89)]


def size_of(png: bytes) -> tuple[int, int]:
    from matplotlib.image import imread

    height, width, _ = imread(io.BytesIO(png)).shape
    return width, height


@pytest.mark.parametrize("found", ONE_OF_EACH, ids=lambda found: f"{found.kind} {found.subject}")
def test_every_kind_is_drawn_small_and_the_same_twice(found: PainPoint) -> None:
    drawn = picture(found, FUNNEL if found.flow else [], ARROWS if found.kind == "loop" else [])
    assert size_of(drawn) == (840, 390)
    assert len(drawn) < 60_000
    assert drawn == picture(found, FUNNEL if found.flow else [], ARROWS if found.kind == "loop" else [])


def test_a_picture_is_drawn_in_half_a_second_and_leaves_no_pyplot_behind() -> None:
    picture(ONE_OF_EACH[0], FUNNEL)
    started = time.process_time()
    picture(ONE_OF_EACH[0], FUNNEL)
    assert time.process_time() - started < 0.5
    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.parametrize(
    "name",
    ["$pageview $1 \\frac{", "/" + "very-long-name/" * 20, "/目录/商品", "/a%b#c<d>&{e}", "/tab\tline\nbreak", ""],
)
def test_any_name_is_drawn(name: str) -> None:
    places = [Place(name, 10), Place("/b", 5)]
    assert size_of(picture(made("drop_off", name, flow="f", lost_conversions=2.0), places)) == (840, 390)
    assert size_of(picture(made("loop", name, "/b"), arrows=[Arrow(name, "/b", 3)])) == (840, 390)


@pytest.mark.parametrize("changed", [
    {"value": 0.0, "expected": 0.0, "low": 0.0, "high": 0.0}, {"low": None, "high": None},
    {"value": 5e7, "expected": 1e-9, "low": 4e7, "high": 6e7, "metric": "p50_s", "kind": "slow_step"},
])  # fmt: skip
def test_any_number_is_drawn(changed: dict[str, object]) -> None:
    assert size_of(picture(made(**{"kind": "drop_off", **changed}), [Place("/shipping", 0)])) == (840, 390)  # type: ignore[arg-type]


def test_a_long_name_loses_its_middle() -> None:
    assert shortened("/shipping") == "/shipping"
    assert shortened("/workspaces/:id/projects/:id/settings") == "/workspaces/:i…d/settings"


def test_the_lake_gives_the_funnel_of_the_segment_and_the_ways_of_the_circle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from user_intel.detect import illustration

    seen: list[tuple[list[Place], list[Arrow]]] = []
    monkeypatch.setattr(illustration, "picture", lambda _, funnel, arrows: seen.append((funnel, arrows)) or b"")
    lake = new_lake(tmp_path, PRODUCT)
    write_shop(lake)
    positions = [("all", "/cart", 70), ("device=mobile", "/cart", 40), ("device=mobile", "/pay", 20)]
    write_rows(lake, "funnels", DAY, [
        {"day": DAY, "flow": "purchase", "segment": segment, "step": step, "entered": entered, "unit": "session",
         "position": number}
        for number, (segment, step, entered) in enumerate(positions)
    ])  # fmt: skip
    illustrated(lake, PRODUCT, made("drop_off", "/cart", segment="device=mobile", flow="purchase"))
    illustrated(lake, PRODUCT, made("loop", "/home", "/list", segment="device=desktop"))
    (funnel, _), (_, arrows) = seen
    assert funnel == [Place("/cart", 40), Place("/pay", 20)]
    # 40 sessions a day for 7 days go on from /home to /list; 12 a day for 4 days come back.
    assert arrows == [Arrow("/home", "/list", 280), Arrow("/list", "/home", 48)]
