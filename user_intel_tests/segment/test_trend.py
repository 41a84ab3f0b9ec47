"""Where personas are going: by hand."""

import pytest

from user_intel.product import Clusters
from user_intel.segment.personas import Persona
from user_intel.segment.trend import Clustering, Trend, gone, trend
from user_intel_tests.detect.hand_made import DAY, before


def clustering(days_ago: int, of: int = 1000, **users: int) -> Clustering:
    personas = [Persona(key.replace("_", "-"), "#000000", before(20), count, {}) for key, count in users.items()]
    return Clustering(before(days_ago), of, personas)


def told(users: int, *earlier: Clustering, first_seen: int = 20) -> Trend:
    persona = Persona("persona-1", "#000000", before(first_seen), users, {})
    today = Clustering(DAY, 1000, [persona])
    return trend(persona, today, {each.day: each for each in earlier}, Clusters())


@pytest.mark.parametrize(
    ("users", "status"), [(100, "stable"), (119, "stable"), (150, "grown"), (60, "shrunk"), (81, "stable")]
)
def test_a_share_has_to_change_by_a_fifth_and_by_more_than_chance(users: int, status: str) -> None:
    # A week ago 100 of 1,000 users: 1.96 standard errors of the difference are about 2.7 of 100 users.
    assert told(users, clustering(7, persona_1=100)) == Trend(status, before(7), 0.1)  # type: ignore[arg-type]


def test_few_users_may_change_by_chance() -> None:
    assert told(8, clustering(7, persona_1=5)).status == "stable"


def test_it_is_compared_with_the_first_day_of_the_last_week_that_is_there() -> None:
    week = [clustering(9, persona_1=10), clustering(5, persona_1=50), clustering(1, persona_1=100)]
    assert told(100, *week) == Trend("grown", before(5), 0.05)


def test_a_growing_product_does_not_make_a_persona_grow() -> None:
    assert told(200, clustering(7, of=500, persona_1=100)).status == "stable"


def test_new_is_what_was_born_within_the_week_or_on_the_first_day() -> None:
    assert told(100) == Trend("new")
    assert told(100, clustering(7), clustering(2, persona_1=90), first_seen=2) == Trend("new", before(7))


def test_one_that_came_back_is_compared_with_when_it_was_last_seen() -> None:
    assert told(100, clustering(10, persona_1=40), clustering(5), clustering(1)) == Trend("grown", before(10), 0.04)


def test_gone_are_those_of_the_day_before() -> None:
    today = clustering(0, persona_2=10)
    assert [each.key for each in gone(today, clustering(1, persona_1=5, persona_2=10))] == ["persona-1"]
    assert gone(today, None) == []
