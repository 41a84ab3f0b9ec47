"""Flows: those that are configured, and those that journeys show where none are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest
import yaml

from user_intel.detect.flows import Flow, flows_of
from user_intel.detect.goal_names import DONE, MADE, SILENT, WORTHLESS, is_trouble, worth
from user_intel.lake import Connection
from user_intel.product import Funnel, Product
from user_intel.simulate.product import SimulatedProduct, product_yaml
from user_intel_tests import real_data
from user_intel_tests.detect.walks import DAY, Visit, Walk, merged, relations, visits_of


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """A DuckDB for all tests of the module."""
    with duckdb.connect(config={"threads": 2}) as opened:
        yield opened


def mined(connection: Connection, visits: Sequence[Visit]) -> list[Flow]:
    return flows_of(connection, Product(), *relations(connection, visits))


def walked(*routes: tuple[str, int]) -> list[Visit]:
    """Each route as often as said, every session of another user."""
    steps = [steps for steps, times in routes for _ in range(times)]
    return visits_of([Walk(f"s{n}", each, user=f"u{n}") for n, each in enumerate(steps)])


SHOP = [
    ("/ /item /cart /pay order_completed", 20),
    ("/ /item /", 60),
    ("/ /item /cart /item", 15),
    ("/ /docs", 60),
    ("/ /item /cart /pay payment_failed /pay order_completed /receipt", 12),
]


def test_configured_flows_are_taken_as_they_are(connection: Connection) -> None:
    product = Product(
        flows={"buy": ["/cart", "order"], "ask": ["/help", "asked"]}, funnels={"ask": Funnel(unit="user")}
    )
    assert flows_of(connection, product, *relations(connection, walked(*SHOP))) == [
        Flow("buy", ("/cart", "order"), mined=False, options=Funnel()),
        Flow("ask", ("/help", "asked"), mined=False, options=Funnel(unit="user")),
    ]


def test_without_configured_flows_the_way_to_what_looks_like_a_goal_is_found(connection: Connection) -> None:
    path = ("/item", "/cart", "/pay", "order_completed")
    assert mined(connection, walked(*SHOP)) == [Flow("mined: order_completed", path, mined=True, options=Funnel())]


def test_a_goal_that_leads_on_to_another_is_a_part_of_its_flow(connection: Connection) -> None:
    routes = [
        ("/ /form form_submitted /pay paid", 30),
        ("/ /form form_submitted", 20),
        ("/ /docs", 100),
        ("/ /form", 20),
    ]
    assert [flow.steps for flow in mined(connection, walked(*routes))] == [("/form", "form_submitted", "/pay", "paid")]


def test_what_is_made_on_the_way_to_something_worth_more_is_a_step_of_it(connection: Connection) -> None:
    routes = [("/ /form form_submitted /pay paid", 15), ("/ /form form_submitted", 40), ("/ /docs", 100)]
    assert [flow.steps for flow in mined(connection, walked(*routes))] == [("/form", "form_submitted", "/pay", "paid")]


def test_what_follows_a_goal_by_itself_is_no_flow_of_its_own(connection: Connection) -> None:
    routes = [("/ /form /pay paid invoice_created /done", 30), ("/ /docs", 100), ("/ /form", 20)]
    assert [flow.name for flow in mined(connection, walked(*routes))] == ["mined: paid"]


def test_where_no_name_tells_a_goal_it_is_what_sessions_end_with(connection: Connection) -> None:
    routes = [("/a /b /c zeta", 30), ("/a /b /d", 30), ("/a", 60), ("/b /a", 30)]
    assert [flow.steps for flow in mined(connection, walked(*routes))] == [("/b", "/c", "zeta")]


def test_pages_may_be_goals_where_there_are_no_events(connection: Connection) -> None:
    routes = [("/ /item /cart /thank-you", 30), ("/ /item /", 30), ("/ /docs", 60)]
    assert [flow.steps for flow in mined(connection, walked(*routes))] == [("/item", "/cart", "/thank-you")]


@pytest.mark.parametrize(
    "routes",
    [
        [],
        [("/", 1)],
        [("/ /a order_completed", 1)],
        [("/ /a order_completed", 500)],
        [("/", 500)],
        [("/ /a", 300), ("/a /", 300), ("order_completed", 100)],
    ],
    ids=["nothing", "one visit", "one session", "all sessions identical", "one step", "three steps and no way"],
)
def test_where_nothing_leads_to_a_goal_there_is_no_flow(connection: Connection, routes: list[tuple[str, int]]) -> None:
    assert mined(connection, walked(*routes)) == []


def test_at_most_five_flows_of_three_to_six_steps_are_mined(connection: Connection) -> None:
    routes = [
        (" ".join(f"/{n}/{place}" for place in range(9)) + f" thing_{n}_created", 20 + ord(n)) for n in "abcdefgh"
    ]
    found = mined(connection, walked(*routes))
    assert [flow.name[-9:-8] for flow in found] == ["h", "g", "f", "e", "d"]
    assert {len(flow.steps) for flow in found} == {6}


def test_other_names_of_users_and_another_order_of_rows_change_no_mined_flow(connection: Connection) -> None:
    visits = walked(*SHOP, ("/ /form form_submitted /pay paid", 30))
    other = [Visit(v.session, v.user[::-1], v.position, v.step, v.at, v.values) for v in visits]
    Random(3).shuffle(other)
    assert mined(connection, visits) == mined(connection, other) != []


# --- judged on what others made ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [7, 21])
def test_all_true_flows_of_the_simulated_product_are_found_step_by_step(connection: Connection, seed: int) -> None:
    days = [DAY - timedelta(days=ago) for ago in range(7)]
    rows = SimulatedProduct(seed=seed, users=3000).visits(days).sort("session_id", "position").to_dicts()
    visits = merged((row["session_id"], row["person_id"], row["step"], row["at"], {}) for row in rows)
    found = {flow.steps for flow in mined(connection, visits)}
    true = {tuple(steps) for steps in yaml.safe_load(product_yaml())["flows"].values()}
    assert len(true) == 4
    assert true <= found


def test_the_shop_sells_by_way_of_cart_shipping_and_payment(connection: Connection, shared_data: Path) -> None:
    rows = sorted(real_data.shop_rows(shared_data), key=lambda row: row["timestamp"])
    visits = merged(
        (row["session_id"], row["user_id"], row["event"], datetime.fromisoformat(row["timestamp"]), {}) for row in rows
    )
    found = mined(connection, visits)
    # One would expect `cart` as well.
    assert [flow.steps for flow in found] == [
        ("product_view", "add_to_cart", "shipping_details", "payment_details", "purchase")
    ]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("order_completed", DONE),
        ("Order Completed", DONE),
        ("subscriptionRenewed", DONE),
        ("SignedUp", DONE),
        ("in_app_purchase", DONE),
        ("order", DONE),
        ("/checkout/thank-you", DONE),
        ("report_exported", MADE),
        ("FILE_UPLOADED", MADE),
        ("upgrade_options_saved", MADE),
        ("order_details", SILENT),
        ("unpaid", SILENT),
        ("/orders/:id", SILENT),
        ("purchase_failed", WORTHLESS),
        ("checkout_started", WORTHLESS),
        ("Product Viewed", WORTHLESS),
        ("logged_out", WORTHLESS),
        ("", SILENT),
        ("完了", SILENT),
    ],
)
def test_a_name_is_read_word_by_word(step: str, expected: int) -> None:
    assert worth(step) == expected


def test_trouble_is_what_went_wrong_and_not_what_was_only_begun() -> None:
    assert [is_trouble(step) for step in ("payment_error", "/cart", "search_performed")] == [True, False, False]
