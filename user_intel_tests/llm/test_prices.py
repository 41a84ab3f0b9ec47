"""What models cost: worked by hand, by day and length, with the home's own prices, and never 0 for what is unknown."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_intel.errors import ConfigError
from user_intel.llm.choice import Choice
from user_intel.llm.prices import Price, load_prices
from user_intel.llm.provider import Usage


def price(provider: str, model: str, home: Path = Path("/nowhere")) -> Price | None:
    return load_prices(home).of(Choice(provider, model))  # type: ignore[arg-type]


def known(provider: str, model: str) -> Price:
    found = price(provider, model)
    assert found is not None
    return found


def test_a_million_tokens_cost_what_the_list_says() -> None:
    sonnet = known("anthropic", "claude-sonnet-5-5")
    assert sonnet.cost_usd(Usage(1_000_000, 0)) == pytest.approx(2)
    assert sonnet.cost_usd(Usage(0, 1_000_000)) == pytest.approx(10)
    assert sonnet.cost_usd(Usage(1_000_000, 0, 1_000_000)) == pytest.approx(0.1)
    assert sonnet.cost_usd(Usage(1_000_000, 0, 0, 1_000_000)) == pytest.approx(2.5)
    assert sonnet.cost_usd(Usage(1_000_000, 1_000_000), batch=True) == pytest.approx(6)


def test_what_is_longer_than_a_limit_costs_more_as_a_whole() -> None:
    pro = known("gemini", "gemini-2.5-pro")
    assert pro.cost_usd(Usage(200_000, 1_000)) == pytest.approx(0.2 * 1.25 + 0.001 * 10)
    assert pro.cost_usd(Usage(200_001, 1_000)) == pytest.approx(0.200001 * 2.5 + 0.001 * 15)


def test_a_price_that_changes_on_a_day_is_the_new_one_from_that_day() -> None:
    argon = known("gemini", "gemini-4-argon")
    assert argon.cost_usd(Usage(1_000_000, 0), today=date(2026, 11, 30)) == pytest.approx(2)
    assert argon.cost_usd(Usage(1_000_000, 0), today=date(2026, 12, 1)) == pytest.approx(4)


def test_a_dated_snapshot_costs_what_its_model_costs() -> None:
    assert price("anthropic", "claude-haiku-4-5-20251001") == known("anthropic", "claude-haiku-4-5")
    assert price("openai", "gpt-5-mini-2025-08-07") == known("openai", "gpt-5-mini")


@pytest.mark.parametrize("model", ["llama3.1:8b", "gpt-6.2-sol-pro", "claude-haiku-4-5-mine"])
def test_what_is_in_no_list_has_no_price(model: str) -> None:
    assert price("openai", model) is None
    assert price("anthropic", model) is None


def test_the_home_adds_prices_and_replaces_them(tmp_path: Path) -> None:
    (tmp_path / "llm_prices.yaml").write_text(
        "models:\n  openai:\n    llama3.1:8b: {rows: [{input: 0, output: 0}]}\n"
        "    gpt-4.1: {rows: [{input: 1.6, output: 6.4}]}\n"
    )
    local, cheaper = price("openai", "llama3.1:8b", tmp_path), price("openai", "gpt-4.1", tmp_path)
    assert local is not None
    assert cheaper is not None
    assert local.cost_usd(Usage(1_000, 1_000)) == 0
    assert cheaper.cost_usd(Usage(1_000_000, 0)) == pytest.approx(1.6)
    assert price("openai", "gpt-5", tmp_path) == known("openai", "gpt-5")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("models: {openai: {x: {rows: []}}}", r"models\.openai\.x\.rows: List should have at least 1 item"),
        ("models: {openai: {x: {rows: [{input: -1, output: 1}]}}}", r"rows\.0\.input"),
        ("models: {openai: {x: {cost: 1}}}", r"models\.openai\.x\.cost: Extra inputs are not permitted"),
        ("models: [", "not readable as YAML"),
        ("", "valid dictionary or"),
    ],
)
def test_a_price_file_that_cannot_be_meant_is_refused_by_name(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "llm_prices.yaml").write_text(text)
    with pytest.raises(ConfigError, match=rf"llm_prices\.yaml.*{fault}"):
        load_prices(tmp_path)


def test_every_shipped_price_is_sound_and_says_where_it_was_read() -> None:
    prices = load_prices(Path("/nowhere"))
    assert prices.read_on is not None
    for provider, models in prices.models.items():
        assert prices.sources[provider].startswith("https://")
        for name, found in models.items():
            for row in found.rows:
                assert 0 < row.input < row.output, name
                assert row.cached_input is not None, name
                assert row.cached_input < row.input, name
                assert row.cache_write is None or row.cache_write > row.input, name


@given(
    st.sampled_from([(p, m) for p, models in load_prices(Path("/nowhere")).models.items() for m in models]),
    st.integers(0, 400_000),
    st.integers(0, 20_000),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_no_call_costs_more_than_its_bound(
    model: tuple[str, str], sent: int, received: int, cached: float, written: float
) -> None:
    found = known(*model)
    read = int(sent * cached)
    usage = Usage(sent, received, read, int((sent - read) * written))
    assert found.cost_usd(usage) <= found.most_usd(sent, received) + 1e-12
    assert found.cost_usd(usage) <= found.most_usd(sent + 1_000, received + 1_000) + 1e-12
