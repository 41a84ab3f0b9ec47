"""product.yaml: everything optional, nothing unknown, every refusal names file, key and remedy."""

from pathlib import Path

import pytest

from user_intel.errors import ConfigError
from user_intel.product import Product, load_product
from user_intel.tables import sessions_table


def write(home: Path, text: str) -> Path:
    (home / "product.yaml").write_text(text, encoding="utf-8")
    return home


def test_without_a_file_everything_has_a_default(tmp_path: Path) -> None:
    assert load_product(tmp_path).zone.key == "UTC"


def test_the_example_of_the_design_is_read(tmp_path: Path) -> None:
    product = load_product(
        write(
            tmp_path,
            """
            timezone: Europe/Berlin
            flows: {checkout: [/catalog, "/item/:id", /cart, order_completed]}
            features: [export_clicked]
            segments: [device_type, plan]
            ignore_events: [heartbeat]
            path_rules: [{match: "^/u/[^/]+", replace: "/u/:user"}]
            goals: {value_usd: {order_completed: 40}}
            thresholds: {min_users: 5, q_value: 0.05}
            """,
        )
    )
    assert product.flows["checkout"][-1] == "order_completed"
    assert product.thresholds.session_gap_minutes == 30


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flwos: {}", "unknown key 'flwos'; known keys are timezone, flows"),
        ("thresholds: {min_user: 3}", "unknown key 'thresholds.min_user'"),
        ("graph: {chains: most}", "graph.chains: Input should be 'all', 'sample' or 'friction'"),
        ("graph: {sample_share: 0}", "graph.sample_share: Input should be greater than or equal to 0.001"),
        ("flows: {pay: [/a, /b, /a]}", "flow 'pay' names '/a' twice"),
        ("flows: {pay: [/a]}", "at least two are needed"),
        ("timezone: Mars/Olympus", "not an IANA time zone"),
        ("segments: ['a; drop table']", "cannot be a column"),
        ("path_rules: [{match: '(', replace: x}]", "not a regular expression"),
        ("- a list", "must hold keys"),
        ("a: [", "not readable as YAML"),
    ],
)
def test_a_refusal_names_the_file_and_the_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_product(write(tmp_path, text))
    assert "product.yaml" in str(caught.value)
    assert says in str(caught.value)


def test_a_segment_may_not_hide_a_column_of_sessions() -> None:
    with pytest.raises(ConfigError, match="'User_ID' is already a column of sessions"):
        sessions_table(Product(segments=["User_ID"]))
