"""What is personal does not survive, what is harmless does, and JSON stays JSON."""

import hashlib
import hmac
import json
import stat
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from user_intel import privacy
from user_intel.errors import ConfigError
from user_intel.extract.normalise import Normaliser
from user_intel.product import Product
from user_intel.settings import Settings

SALT = b"a salt of the tests, long enough"
PRODUCT = Product(keep_query_parameters=["tab"], drop_properties=["shoe_size"])
NORMALISER = Normaliser(PRODUCT, SALT)
RAW_TYPES = {
    "event_id": "VARCHAR", "event": "VARCHAR", "identity": "VARCHAR", "session_id": "VARCHAR", "at": "TIMESTAMP",
    "ingested_at": "TIMESTAMP", "properties": "VARCHAR", "elements_chain": "VARCHAR", "person": "VARCHAR",
}  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        NORMALISER.prepare(opened, "posthog")
        yield opened


def scrubbed(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    return str(connection.execute("select scrubbed($text)", {"text": text}).fetchall()[0][0])


def stored_properties(connection: duckdb.DuckDBPyConnection, *properties: object) -> list[Any]:
    """What becomes of the properties of events that pass the whole normaliser."""
    columns = ", ".join(f'${name}::{kind} as "{name}"' for name, kind in RAW_TYPES.items())
    connection.execute(
        f"create or replace temp table raw_under_test as select {columns} limit 0", dict.fromkeys(RAW_TYPES)
    )
    texts = [value if isinstance(value, str) else json.dumps(value) for value in properties]
    rows = [
        [f"{number:06d}", "e", "u", None, "2026-01-01", None, text, None, None] for number, text in enumerate(texts)
    ]
    if rows:
        connection.executemany(f"insert into raw_under_test values ({', '.join('?' * len(RAW_TYPES))})", rows)
    events = NORMALISER.events(connection, connection.table("raw_under_test"), "posthog")
    return [json.loads(row[0]) for row in events.order("event_id").project("properties").fetchall()]


# --- pseudonyms and their salt -----------------------------------------------------------------------------------


@given(identity=st.text(max_size=200), salt=st.binary(min_size=1, max_size=200))
@settings(max_examples=60, deadline=None)
def test_the_pseudonym_in_sql_is_pythons_hmac(identity: str, salt: bytes) -> None:
    expected = hmac.new(salt, identity.encode(), hashlib.sha256).hexdigest()[:32]
    inner, outer = privacy._pads(salt)
    with duckdb.connect() as fresh:
        privacy.set_variables(fresh, {"inner_pad": inner, "outer_pad": outer})
        text = (Path(privacy.files.ROOT) / "sql/privacy/macros.sql").read_text(encoding="utf-8")
        fresh.execute(text.split("-- A digest nobody")[0])
        found = fresh.execute("select pseudonym($identity)", {"identity": identity}).fetchall()[0][0]
    assert found == expected == privacy.pseudonym(identity, salt)


def test_a_salt_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    chosen = Settings(USER_INTEL_HOME=tmp_path)  # type: ignore[call-arg]
    first = privacy.load_salt(chosen)
    assert privacy.load_salt(chosen) == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "salt").stat().st_mode) == 0o600


def test_a_real_posthog_needs_a_salt_of_the_environment(tmp_path: Path) -> None:
    real: dict[str, Any] = {
        "USER_INTEL_HOME": tmp_path, "POSTHOG_PROJECT_ID": "1", "POSTHOG_API_KEY": SecretStr("phx_x"),
    }  # fmt: skip
    with pytest.raises(ConfigError, match="USER_INTEL_SALT"):
        privacy.load_salt(Settings(**real, POSTHOG_HOST="https://eu.posthog.com"))
    assert not (tmp_path / "salt").exists()
    assert privacy.load_salt(Settings(**real, POSTHOG_HOST="http://127.0.0.1:8123"))
    given_salt = Settings(**real, POSTHOG_HOST="https://eu.posthog.com", USER_INTEL_SALT=SecretStr("s" * 16))
    assert privacy.load_salt(given_salt) == b"s" * 16


def test_a_short_salt_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at least 16") as refusal:
        privacy.load_salt(Settings(USER_INTEL_HOME=tmp_path, USER_INTEL_SALT=SecretStr("hunter2")))  # type: ignore[call-arg]
    assert "hunter2" not in str(refusal.value)


# --- shapes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to anna.berg+x@mail.example.co.uk now", "write to [email] now"),
        ("anna%40example.com", "[email]"),
        ("jürgen@müller.example", "[email]"),
        ("card 4111 1111 1111 1111 ok", "card [card] ok"),
        ("378282246310005", "[card]"),
        ("call +49 (0)170 123-4567 or (555) 123-4567", "call [phone] or [phone]"),
        ("0170 1234567, 06 12 34 56 78", "[phone], [phone]"),
        ("from 203.0.113.9, via 2001:db8::ff00:42:8329.", "from [ip], via [ip]."),
        ("https://user:pw@host.example/x", "https://host.example/x"),
        ("Authorization: Bearer abcdef123456", "Authorization: [token]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[token]"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[token]"),
        ("AKIAIOSFODNN7EXAMPLE", "[token]"),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "[token]"),
        ("q8Zr2+Vw0Lx9Tn/4KdS6yB1hMfJ3cP5eAoUg7iWk", "[token]"),
    ],
)  # fmt: skip
def test_what_is_personal_is_replaced(connection: duckdb.DuckDBPyConnection, text: str, expected: str) -> None:
    assert scrubbed(connection, text) == expected
    assert privacy.scrubbed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1700000000000", "1700000000123456", "4111111111111112", "12.50 EUR", "2026-11-20 10:21:14 +0100", "v1.2.3.4",
        "2026-11-20T10:21:14.123+01:00", "Version 10.2.3.4", "Mozilla/5.0 (X11) Chrome/120.0.0.7 Safari/537.36",
        "Tue Mar 05 2024 10:00:00 GMT+0100", "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "std::vector", "10:20:30",
        "how-to-build-a-very-long-article-title-in-2024-with-many-words", "https://app.example.com/docs/getting/started/2024",
        "1440x900", "a@b", "#ff0000", "What? Yes!", "1.2.3", "600,500,400", "00:1B:44:11:3A:B7",
    ],
)  # fmt: skip
def test_what_is_harmless_stays(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert scrubbed(connection, text) == text
    assert privacy.scrubbed(text) == text
    assert stored_properties(connection, {"text": text})[0] == {"text": text}


def _luhn_completed(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * 2 if place % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)


_ALNUM = string.ascii_letters + string.digits
emails = st.builds(
    "{}@{}.{}".format,
    st.text(string.ascii_lowercase + string.digits + "._+-", min_size=1, max_size=12).filter(lambda s: s[0].isalnum()),
    st.text(string.ascii_lowercase, min_size=2, max_size=10),
    st.sampled_from(["com", "org", "co.uk", "io"]),
)
cards = st.builds(
    lambda prefix, rest: _luhn_completed(prefix + rest),
    st.sampled_from(["4", "51", "2221", "6011"]), st.text(string.digits, min_size=15, max_size=15),
).map(lambda digits: _luhn_completed(digits[:15]))  # fmt: skip
phones = st.builds(
    "+{}{}".format, st.sampled_from(["1", "44", "49", "91"]), st.text(string.digits, min_size=9, max_size=10)
)
addresses = st.builds(
    "{}.{}.{}.{}".format, st.integers(11, 255), st.integers(0, 255), st.integers(0, 255), st.integers(1, 255)
)
tokens = st.builds("{}{}".format, st.sampled_from(["phx_", "ghp_", "sk-"]), st.text(_ALNUM, min_size=30, max_size=40))
secrets = st.one_of(emails, cards, phones, addresses, tokens)
around = st.text(string.ascii_letters + ' "\\\n\t,:{}[]()<>é€', max_size=15)


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, object]:
    """A secret, and properties that hold it: in a value, a key, an address, deep inside or beside odd characters."""
    secret = draw(secrets)
    before, after = draw(around), draw(around)
    text = f"{before} {secret} {after}"
    place = draw(st.sampled_from(["value", "key", "deep", "address", "escaped"]))
    holders: dict[str, object] = {
        "value": {"note": text},
        "key": {f"note {secret}": 1},
        "deep": {"a": [{"b": {"c": [text, 1.5]}}]},
        "address": {"$current_url": f"https://x.example/p?q={secret}#{secret}", "$pathname": f"/p?q={secret}"},
        "escaped": {"note": json.dumps({"inner": text})},
    }
    return secret, holders[place]


@given(cases=st.lists(planted(), min_size=1, max_size=25))
@settings(max_examples=40, deadline=None)
def test_no_planted_secret_survives_and_json_stays_json(cases: list[tuple[str, object]]) -> None:
    stored = stored_properties(_shared(), *(properties for _, properties in cases))
    for (secret, _), found in zip(cases, stored, strict=True):
        assert secret not in json.dumps(found, ensure_ascii=False)


@given(cases=st.lists(planted(), min_size=1, max_size=25))
@settings(max_examples=20, deadline=None)
def test_scrubbing_twice_changes_nothing_more(cases: list[tuple[str, object]]) -> None:
    once = stored_properties(_shared(), *(properties for _, properties in cases))
    assert stored_properties(_shared(), *once) == once


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefg\"\\/", max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(
    values=st.lists(
        st.dictionaries(st.text('abcdefg"\\ é', max_size=8), json_values, max_size=5), min_size=1, max_size=25
    )
)
@settings(max_examples=30, deadline=None)
def test_any_json_object_comes_out_as_one_with_as_many_harmless_keys(values: list[dict[str, object]]) -> None:
    for before, after in zip(values, stored_properties(_shared(), *values), strict=True):
        assert isinstance(after, dict)
        assert len(after) == len(before)


numbers = st.one_of(
    st.integers(0, 10**12), st.integers(1_000_000_000_000, 1_999_999_999_999), st.floats(0, 1e6, width=32)
)


@given(rows=st.lists(st.dictionaries(st.sampled_from(["price", "at_ms", "count", "$time"]), numbers), max_size=25))
@settings(max_examples=30, deadline=None)
def test_prices_counts_and_epochs_stay_as_they_are(rows: list[dict[str, float]]) -> None:
    assert stored_properties(_shared(), *rows) == [pytest.approx(row) for row in rows]


def test_a_card_that_is_a_bare_number_is_replaced_by_a_string(connection: duckdb.DuckDBPyConnection) -> None:
    found = stored_properties(
        connection, {"n": 4111111111111111, "list": [1, 4111111111111111, "x: 4111111111111111,"]}
    )
    assert found == [{"n": "[card]", "list": [1, "[card]", "x: [card],"]}]


# --- the deny-list and addresses ---------------------------------------------------------------------------------


def test_denied_properties_go_in_any_case_and_at_any_depth(connection: duckdb.DuckDBPyConnection) -> None:
    properties = {
        "$ip": "1.2.3.4", "plan": "pro", "$set": {"a": {"b": [1, {"c": "}"}]}}, "Email": "x", "firstName": "Anna",
        "cart": {"size": 2, "user_email": None, "items": [{"sku": "1", "Phone Number": 5}, {"sku": "2"}]},
        "Shoe-Size": 44, "product_name": "Shoe", "distinct_id": "u", "token": "t", "password": {"deep": ["x"]},
    }  # fmt: skip
    expected = {"plan": "pro", "cart": {"size": 2, "items": [{"sku": "1"}, {"sku": "2"}]}, "product_name": "Shoe"}
    assert stored_properties(connection, properties) == [expected]


def test_a_denied_property_deeper_than_can_be_searched_takes_the_rest_with_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    deep: object = "secret"
    for _ in range(12):
        deep = {"x": deep}
    assert stored_properties(connection, {"plan": "pro", "address": deep}) == [{"$unreadable": True}]


def test_what_is_no_json_object_is_not_kept(connection: duckdb.DuckDBPyConnection) -> None:
    found = stored_properties(connection, '{"a": "x@y.example"', "[1]", '"text"', "", "null", '{"cut": "\\ud83d"}')
    unreadable = {"$unreadable": True}
    assert found == [unreadable, unreadable, unreadable, {}, {}, {"cut": "\ufffd"}]


def test_queries_and_fragments_go_but_for_the_parameters_that_are_kept(connection: duckdb.DuckDBPyConnection) -> None:
    properties = {
        "$current_url": "https://app.example.com/a/b?utm_source=mail&session=1&tab=2#frag",
        "$referrer": "https://www.example.org/?q=private+words",
        "$pathname": "/a/b?reset=abc",
        "title": "Is it #1? Yes: see https://x.example/y?z=1 and ask",
        "twice": "https://x.example/y?a=1 https://x.example/y?a=12&tab=3",
    }
    assert stored_properties(connection, properties) == [{
        "$current_url": "https://app.example.com/a/b?utm_source=mail&tab=2",
        "$referrer": "https://www.example.org/",
        "$pathname": "/a/b",
        "title": "Is it #1? Yes: see https://x.example/y and ask",
        "twice": "https://x.example/y https://x.example/y?tab=3",
    }]  # fmt: skip


_opened: list[duckdb.DuckDBPyConnection] = []


def _shared() -> duckdb.DuckDBPyConnection:
    """One connection for all examples of the property tests: making the macros takes longer than an example."""
    if not _opened:
        _opened.append(duckdb.connect(config={"threads": 1}))
    return _opened[0]


@pytest.fixture(scope="module", autouse=True)
def _close_shared() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()
