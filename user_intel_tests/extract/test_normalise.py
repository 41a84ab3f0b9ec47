"""Raw events become rows of `events`: steps, pages, elements, bots, days, segments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from user_intel import privacy
from user_intel.extract.normalise import Normaliser, declares_bot
from user_intel.product import PathRule, Product
from user_intel.tables import EVENTS

SALT = b"a salt of the tests, long enough"
RAW_TYPES = {
    "event_id": "VARCHAR", "event": "VARCHAR", "identity": "VARCHAR", "session_id": "VARCHAR", "at": "TIMESTAMP",
    "ingested_at": "TIMESTAMP", "properties": "VARCHAR", "elements_chain": "VARCHAR", "person": "VARCHAR",
}  # fmt: skip
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def normalised(
    connection: duckdb.DuckDBPyConnection,
    *raw: Mapping[str, Any],
    product: Product | None = None,
    source: str = "posthog",
    forgotten: frozenset[str] = frozenset(),
) -> list[dict[str, Any]]:
    """The rows of `events` that raw events become, in their order; what a raw event leaves out has a default."""
    columns = ", ".join(f'null::{kind} as "{name}"' for name, kind in RAW_TYPES.items())
    connection.execute(f"create or replace temp table raw_under_test as select {columns} limit 0")
    for number, given in enumerate(raw):
        row = {
            "event_id": f"{number:06d}",
            "event": "$pageview",
            "identity": "u",
            "at": "2026-01-01 12:00:00",
            **given,
        }
        for name in ("properties", "person"):
            if isinstance(row.get(name), dict):
                row[name] = json.dumps(row[name])
        marks = ", ".join("?" * len(RAW_TYPES))
        connection.execute(f"insert into raw_under_test values ({marks})", [row.get(name) for name in RAW_TYPES])
    normaliser = Normaliser(product or Product(), SALT, forgotten)
    events = normaliser.events(connection, connection.table("raw_under_test"), source).order("event_id")
    return [dict(zip(events.columns, row, strict=True)) for row in events.fetchall()]


def steps_of(connection: duckdb.DuckDBPyConnection, *addresses: str, product: Product | None = None) -> list[str]:
    raw = [{"properties": {"$current_url": address}} for address in addresses]
    return [row["step"] for row in normalised(connection, *raw, product=product)]


def test_rows_have_exactly_the_columns_of_events(connection: duckdb.DuckDBPyConnection) -> None:
    assert set(normalised(connection, {})[0]) == set(EVENTS.column_names)


def test_an_address_becomes_the_step_of_its_kind(connection: duckdb.DuckDBPyConnection) -> None:
    expected = [
        ("https://app.example.com/", "/"),
        ("https://app.example.com", "/"),
        ("https://app.example.com?x=1", "/"),
        ("https://app.example.com/item/123/?q=1#top", "/item/:id"),
        ("/item/123", "/item/:id"),
        ("/cart//checkout/", "/cart/checkout"),
        ("/o/0190A1B2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/edit", "/o/:id/edit"),
        ("/commit/da39a3ee5e6b4b0d3255bfef95601890afd80709", "/commit/:id"),
        ("/commit/3f9ac012", "/commit/:id"),
        ("/facade/deadline", "/facade/deadline"),
        ("/blog/2026/11/20/hello", "/blog/:id/:id/:id/hello"),
        ("/blog/why-we-built-a-thing-that-nobody-asked-for", "/blog/:id"),
        ("/invoice/inv_00123", "/invoice/inv_:id"),
        ("/v1/docs/step-2", "/v1/docs/step-2"),
        ("/shoes/blue-running-shoe-100452", "/shoes/:id"),
        ("/u/anna%40example.com/files", "/u/[email]/files"),
        ("/caf%C3%A9/a%20b", "/café/a b"),
        ("/name/a%2Fb", "/name/a%2Fb"),
        ("/broken/%ff%", "/broken/%ff%"),
        ("/x;jsessionid=AB12/y", "/x/y"),
        ("/photo/123.jpg", "/photo/:id.jpg"),
        ("/s/V1StGXR8Z5jdHi6BmyT9q", "/s/:id"),
        ("https://app.example.com/#/settings", "/"),
    ]
    addresses = [address for address, _ in expected]
    assert list(zip(addresses, steps_of(connection, *addresses), strict=True)) == expected


def test_a_step_is_its_own_step(connection: duckdb.DuckDBPyConnection) -> None:
    steps = ["/item/:id", "/", "/invoice/inv_:id", "/u/[email]/files", "/name/a%2Fb", "/café/a b", "/photo/:id.jpg"]
    assert steps_of(connection, *steps) == steps


def test_path_rules_run_in_order_after_the_built_in_ones(connection: duckdb.DuckDBPyConnection) -> None:
    rules = [PathRule(match="^/u/[^/]+", replace="/u/:user"), PathRule(match=":user/:id$", replace=":user/:thing")]
    assert steps_of(connection, "/u/anna/7", "/u/bert", "/x", product=Product(path_rules=rules)) == [
        "/u/:user/:thing", "/u/:user", "/x",
    ]  # fmt: skip


def test_hosts_are_kept_only_where_a_product_spans_several(connection: duckdb.DuckDBPyConnection) -> None:
    address = "https://Shop.Example.com:8080/item/1"
    assert steps_of(connection, address) == ["/item/:id"]
    assert steps_of(connection, address, product=Product(keep_hosts=True)) == ["shop.example.com/item/:id"]


def test_events_are_steps_by_name_but_posthogs_own_are_none(connection: duckdb.DuckDBPyConnection) -> None:
    product = Product(ignore_events=["heartbeat"])
    names = ["order_completed", "$autocapture", "$pageleave", "$identify", "heartbeat", "$web_vitals", "$screen"]
    raw = [{"event": name, "properties": {"$screen_name": "Home", "$pathname": "/cart"}} for name in names]
    rows = normalised(connection, *raw, product=product)
    assert [row["step"] for row in rows] == ["order_completed", None, None, None, None, None, "/Home"]
    assert [row["page"] for row in rows] == ["/cart"] * 6 + ["/Home"]
    assert [row["event"] for row in rows] == names


def test_an_action_that_is_an_address_is_a_page_view_only_in_a_csv(connection: duckdb.DuckDBPyConnection) -> None:
    raw = [{"event": "/cart?x=1"}, {"event": "https://x.example/item/3"}, {"event": "bought"}]
    rows = normalised(connection, *raw, source="csv")
    assert [(row["event"], row["step"]) for row in rows] == [
        ("$pageview", "/cart"), ("$pageview", "/item/:id"), ("bought", "bought"),
    ]  # fmt: skip
    assert normalised(connection, raw[0])[0]["event"] == "/cart?x=1"


@pytest.mark.parametrize(
    ("chain", "element"),
    [
        ('button.btn.primary:attr__data-text="no"attr_id="buy"nth-child="1"text="Buy  now";div:text="outer"',
         'button.btn.primary#buy "Buy now"'),
        ('a.nav:href="/item/12?x=1"nth-child="2";body:nth-child="1"', "a.nav /item/:id"),
        ('button:text="Say \\"hi\\"; to anna@example.com"', 'button "Say "hi"; to [email]"'),
        ('div.a.b.c.d.hover:e:attr__class="a b"', "div.a.b.c"),
        ("svg", "svg"),
        ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_an_element_is_named_by_the_innermost_of_its_chain(
    connection: duckdb.DuckDBPyConnection, chain: str | None, element: str | None
) -> None:
    row = normalised(connection, {"event": "$autocapture", "elements_chain": chain})[0]
    assert row["element"] == element


def test_a_csv_names_its_element_device_and_source_by_plain_properties(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    plain = {"element": "button#buy", "device_type": "Mobile", "browser": "Firefox", "os": "Linux", "country": "DE",
             "referrer_domain": "News.example", "utm_source": "mail"}  # fmt: skip
    posthog = {"$device_type": "Mobile", "$browser": "Firefox", "$os": "Linux", "$geoip_country_code": "DE",
               "$referring_domain": "News.example", "utm_source": "mail"}  # fmt: skip
    rows = normalised(connection, {"properties": plain}, {"properties": posthog}, source="csv")
    for row in rows:
        found = [row[name] for name in ("device_type", "browser", "os", "country", "referrer_domain", "utm_source")]
        assert found == ["mobile", "Firefox", "Linux", "DE", "news.example", "mail"]
    assert [row["element"] for row in rows] == ["button#buy", None]


def test_declared_bots_are_marked_and_their_user_agent_is_not_kept(connection: duckdb.DuckDBPyConnection) -> None:
    agents = [{"$raw_user_agent": GOOGLEBOT}, {"user_agent": "curl/8.4"}, {"$raw_user_agent": CHROME}, {}]
    rows = normalised(connection, *({"properties": properties} for properties in agents))
    assert [row["is_bot"] for row in rows] == [True, True, False, False]
    assert [row["properties"] for row in rows] == ["{}"] * 4
    assert declares_bot(GOOGLEBOT)
    assert not declares_bot(CHROME)


def test_the_day_is_the_products(connection: duckdb.DuckDBPyConnection) -> None:
    at = {"at": "2026-03-28 23:30:00"}
    assert normalised(connection, at)[0]["day"] == date(2026, 3, 28)
    assert normalised(connection, at, product=Product(timezone="Europe/Berlin"))[0]["day"] == date(2026, 3, 29)
    assert normalised(connection, at, product=Product(timezone="America/New_York"))[0]["day"] == date(2026, 3, 28)


def test_segments_of_the_person_fill_what_the_event_leaves_out(connection: duckdb.DuckDBPyConnection) -> None:
    product = Product(segments=["plan", "team_size"])
    person = {"plan": "pro", "team_size": 5}
    rows = normalised(
        connection,
        {"properties": {"plan": "free", "x": 1}, "person": person},
        {"properties": {"x": 1}, "person": person},
        {"properties": {}, "person": person},
        {"properties": {"x": 1}, "person": {}},
        product=product,
    )
    assert [json.loads(row["properties"]) for row in rows] == [
        {"plan": "free", "x": 1, "team_size": 5}, {"x": 1, "plan": "pro", "team_size": 5}, person, {"x": 1},
    ]  # fmt: skip


def test_people_who_were_forgotten_stay_out(connection: duckdb.DuckDBPyConnection) -> None:
    gone = frozenset([privacy.pseudonym("gone", SALT)])
    rows = normalised(connection, {"identity": "gone"}, {"identity": "here"}, forgotten=gone)
    assert [row["user_id"] for row in rows] == [privacy.pseudonym("here", SALT)]


def test_the_session_is_the_sources_wherever_it_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    rows = normalised(connection, {"session_id": "a"}, {"properties": {"$session_id": "b"}}, {})
    assert [(row["session_id"], row["properties"]) for row in rows] == [("a", "{}"), ("b", "{}"), (None, "{}")]


def test_characters_that_part_texts_cannot_be_smuggled_in(connection: duckdb.DuckDBPyConnection) -> None:
    odd = "a\x1eb\x1fc\x01d\x02e"
    row = normalised(
        connection,
        {"event": odd, "properties": {"$browser": odd, odd: odd, "$os": "Linux"}, "elements_chain": f'b:text="{odd}"'},
    )[0]
    assert row["os"] == "Linux"
    assert row["source"] == "posthog"
    assert set(json.loads(row["properties"])) >= {"$browser", "$os"}


def test_an_event_without_an_identity_is_nobody_elses(connection: duckdb.DuckDBPyConnection) -> None:
    rows = normalised(connection, {"identity": None}, {"identity": ""}, {"identity": "u"})
    assert len({row["user_id"] for row in rows}) == 3


def test_no_events_are_no_rows(connection: duckdb.DuckDBPyConnection) -> None:
    assert normalised(connection) == []


def test_a_page_of_many_events_is_normalised_as_each_alone(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table many as select i::varchar as event_id, "
        "case when i % 3 = 0 then '$pageview' else 'click' || i % 5 "
        "end as event, 'u' || i % 100 as identity, null::varchar as session_id, "
        "timestamp '2026-01-01' + interval (i) second as \"at\", null::timestamp as ingested_at, "
        '\'{"$pathname":"/item/\' || i || \'","note":"mail u\' || i || \'@x.example"}\' as properties, '
        "null::varchar as elements_chain, null::varchar as person from range(30000) r(i)"
    )
    events = Normaliser(Product(), SALT).events(connection, connection.table("many"), "posthog")
    facts = events.aggregate(
        "count(*), count(distinct event_id), count(distinct user_id), count(distinct step), count(distinct page), "
        "count(distinct properties), min(day), max(day)"
    ).fetchall()[0]
    assert facts == (30000, 30000, 100, 6, 1, 30000, date(2026, 1, 1), date(2026, 1, 1))
    assert events.filter("contains(properties, '@')").aggregate("count(*)").fetchall() == [(0,)]


def test_bots_are_judged_once_for_each_user_agent(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def judge(agent: str) -> bool:
        asked.append(agent)
        return bool(re.search("bot", agent, re.IGNORECASE))

    monkeypatch.setattr("user_intel.extract.normalise.declares_bot", judge)
    raw = [{"properties": {"user_agent": agent}} for agent in (CHROME, GOOGLEBOT, CHROME, CHROME, GOOGLEBOT)]
    normalised(connection, *raw)
    assert sorted(asked) == sorted([CHROME, GOOGLEBOT])
