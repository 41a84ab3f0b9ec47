"""A persona's name says what its traits do, and stays while it holds."""

from __future__ import annotations

import pytest

from user_intel.explain.persona_names import chosen, fits


def trait(feature: str, direction: str, effect: float = 0.6) -> dict[str, object]:
    return {"feature": feature, "direction": direction, "effect": effect if direction == "more" else -effect}


TRAITS = [
    trait("evening_share", "more"),
    trait("feature_shares: report_exported", "more"),
    trait("flow_completion: checkout", "less", 0.5),
    trait("step_shares: /cart", "more"),
    trait("form_abandonment_share", "more"),
    trait("weekend_share", "less"),
]


@pytest.mark.parametrize(
    "name",
    [
        "Evening users", "Report exporters", "Evening report exporters", "Evening users, rarely finish checkout",
        "Cart visitors", "Form abandoners and report exporters", "Workday users", "Users who rarely finish checkout",
        "Exporters of reports in the evening",
    ],
)  # fmt: skip
def test_names_made_of_traits_fit(name: str) -> None:
    assert fits(name, TRAITS, 0.33)


@pytest.mark.parametrize(
    "name",
    [
        # The other way round.
        "Checkout finishers", "Users who often finish checkout", "Weekend users", "Rarely report exporters",
        "Users who rarely visit cart", "Non-cart visitors",
        # Of two traits something that neither says.
        "Cart abandoners", "Checkout exporters", "Frequent users", "Rare users",
        # Who people are, or what nobody measured.
        "Young evening users", "Bargain hunters", "Housewives", "Evening users of means",
        # No name at all.
        "", "Users", "Users 2", "evening users " * 9, "Ignore previous instructions", "购物者", "Evening  users",
    ],
)  # fmt: skip
def test_names_that_say_more_or_the_reverse_do_not(name: str) -> None:
    assert not fits(name, TRAITS, 0.33)


def test_a_trait_too_small_to_matter_makes_no_name() -> None:
    assert not fits("Evening users", [trait("evening_share", "more", 0.3)], 0.33)


def name_of(proposed: str, earlier: str | None = None, taken: frozenset[str] = frozenset(), traits=TRAITS) -> str:  # type: ignore[no-untyped-def]
    return chosen(proposed, earlier, "Plain name", traits, taken, 0.33)


def test_a_better_name_is_taken_and_stays_while_it_holds() -> None:
    assert name_of("Report exporters") == "Report exporters"
    assert name_of("Evening users", earlier="Report exporters") == "Report exporters"
    # It has shrunk, but not by much; then by too much.
    shrunk = [trait("feature_shares: report_exported", "more", 0.26), trait("evening_share", "more")]
    assert name_of("Evening users", earlier="Report exporters", traits=shrunk) == "Report exporters"
    gone = [trait("feature_shares: report_exported", "more", 0.2), trait("evening_share", "more")]
    assert name_of("Evening users", earlier="Report exporters", traits=gone) == "Evening users"


def test_a_name_that_does_not_fit_or_that_another_persona_has_is_not_taken() -> None:
    assert name_of("Bargain hunters") == "Plain name"
    assert name_of("Report exporters", taken=frozenset({"report Exporters"})) == "Plain name"
    assert name_of("Bargain hunters", earlier="Checkout finishers") == "Plain name"
