"""Names of personas: plain, telling, one for each, and kept while they are true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_intel.segment.naming import Name, names
from user_intel.segment.terms import quantity, term
from user_intel.segment.traits import Trait
from user_intel.tables import USER_FEATURES
from user_intel_tests.segment.made_traits import trait

LEAST = 0.33


def words(traits: dict[str, list[Trait]], earlier: dict[str, Name] | None = None) -> list[str]:
    return [name.words for name in names(traits, earlier or {}, LEAST).values()]


def test_a_name_tells_the_two_strongest_traits_of_different_families() -> None:
    traits = [trait("evening_share", 0.8), trait("morning_share", -0.7), trait("flow_completion: checkout", -0.5)]
    assert words({"persona-1": traits}) == ["Evening users, rarely finish checkout"]


def test_what_only_little_of_something_sets_apart_is_said_as_such() -> None:
    traits = [trait("flow_completion: checkout", -0.8), trait("step_shares: /cart", -0.7)]
    assert words({"persona-1": traits}) == ["Users who rarely finish checkout and rarely visit /cart"]
    assert words({"persona-1": traits[:1]}) == ["Users who rarely finish checkout"]


def test_a_name_that_is_taken_is_told_further() -> None:
    shared = [trait("evening_share", 0.8), trait("mean_depth", 0.7)]
    apart = [*shared, trait("weekend_share", 0.5)]
    assert words({"persona-1": shared, "persona-2": apart, "persona-3": shared}) == [
        "Evening users, look at much",
        "Evening users, look at much, come at weekends",
        "Evening users, look at much (persona 3)",
    ]


def test_where_nothing_sets_a_persona_apart_its_name_says_so() -> None:
    assert words({"persona-1": [], "persona-2": []}) == ["Everyone else", "Everyone else (persona 2)"]


def test_a_name_stays_while_its_traits_last_and_goes_when_they_do() -> None:
    had = Name("Evening users, look at much", (("evening_share", "more"), ("mean_depth", "more")))
    weaker = [trait("loop_share", 0.9), trait("evening_share", 0.27), trait("mean_depth", 0.3)]
    assert words({"persona-1": weaker}, {"persona-1": had}) == [had.words]
    gone = [trait("loop_share", 0.9), trait("evening_share", 0.2), trait("mean_depth", 0.5)]
    assert words({"persona-1": gone}, {"persona-1": had}) == ["Users going in circles, look at much"]
    turned = [trait("evening_share", -0.8), trait("mean_depth", 0.5)]
    assert words({"persona-1": turned}, {"persona-1": had}) == ["Deep browsers, rarely come in the evening"]
    nothing_yet = Name("Everyone else", ())
    assert words({"persona-1": [trait("mean_depth", 0.2)]}, {"persona-1": nothing_yet}) == ["Everyone else"]


_FEATURES = st.sampled_from(["evening_share", "mean_depth", "step_shares: /a", "flow_progress: f", "sessions_per_week"])
_TRAITS = st.lists(st.builds(trait, _FEATURES, st.floats(-1, 1)), max_size=4, unique_by=lambda each: each.feature)


@given(st.dictionaries(st.sampled_from(["persona-1", "persona-2", "persona-3", "persona-4"]), _TRAITS))
def test_no_two_personas_of_a_day_have_the_same_name_and_names_last(traits: dict[str, list[Trait]]) -> None:
    given_names = names(traits, {}, LEAST)
    assert len({name.words for name in given_names.values()}) == len(traits)
    assert names(traits, given_names, LEAST) == given_names


NOT_SAID = {"day", "user_id", "property_ignored"}


@pytest.mark.parametrize("column", [c for c in USER_FEATURES.columns if c.name not in NOT_SAID], ids=lambda c: c.name)
def test_every_feature_has_words(column: object) -> None:
    name = column.name if "MAP" not in column.type else f"{column.name}: checkout"  # type: ignore[attr-defined]
    said = term(name)
    assert said.family != name, "no words in terms.py"
    assert said.much
    assert said.little


def test_quantities_carry_their_units() -> None:
    assert quantity(0.412, "share") == "41 %"
    assert quantity(75, "s") == "1 min 15 s"
    assert quantity(2.44, "days") == "2.4 days"
    assert quantity(14, "count") == "14"
    assert quantity(3.02, "bits") == "3 bits"


def test_a_feature_that_nobody_gave_words_to_is_said_by_its_name() -> None:
    assert term("scroll_depth").what == "scroll depth"
    assert term("step_shares: order_completed").much == "often visit order completed"
