"""The name of an insight: the same on every day, and safe wherever it is typed."""

import re

from hypothesis import given
from hypothesis import strategies as st

from user_intel.detect.pain_points import pain_point_id
from user_intel.explain.identity import insight_id


def test_an_insight_carries_the_digits_of_its_pain_point() -> None:
    problem = pain_point_id("drop_off", "/cart", "/cart", "device_type=mobile")
    assert insight_id(problem) == f"insight-{problem}"


@given(st.text())
def test_any_id_becomes_one_that_is_safe_in_shells_and_addresses(id_: str) -> None:
    assert re.fullmatch(r"insight-[0-9a-f]{16}", insight_id(id_))
    assert insight_id(id_) == insight_id(id_)


@given(st.text(), st.text())
def test_two_pain_points_share_no_insight(one: str, other: str) -> None:
    assert (insight_id(one) == insight_id(other)) == (one == other)
