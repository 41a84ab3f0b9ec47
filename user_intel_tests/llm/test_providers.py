"""The real SDKs against the three APIs over a real socket: answers, faults, refusals, and what must not leak."""

import json
import logging
import pickle
import time
import traceback
from pathlib import Path

import pytest

from user_intel.errors import LLMError, ModelAway, ModelRefused, ModelUnusable
from user_intel.llm.patience import Patience
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import GOOD, PROVIDERS, SOON, STORY, Story, an_ask, models
from user_intel_tests.llm.stand_ins import KEY, MODEL, Drops, Fails, Hangs, Page, Says, StandIn

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


@each_provider
def test_an_answer_is_read_and_its_tokens_are_counted(apis: StandIn, tmp_path: Path, provider: str) -> None:
    written = 0 if provider == "gemini" else 200
    apis.play(Says(GOOD, input_tokens=1_500, output_tokens=250, cached_tokens=1_000, written_tokens=written))
    with models(tmp_path, apis, f"{provider}:{MODEL}") as opened:
        answer = opened.ask(an_ask())
    assert answer.value == STORY
    assert (answer.provider, answer.model, answer.from_cache) == (provider, MODEL, False)
    assert (answer.input_tokens, answer.cached_input_tokens, answer.output_tokens) == (1_500, 1_000, 250)
    (request,) = apis.asked
    assert "stream" not in request.path
    assert not request.body.get("stream")


@each_provider
def test_what_is_said_of_429_500_529_and_a_broken_body_is_asked_again(
    apis: StandIn, tmp_path: Path, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    patience = Patience(read_s=5, tries=5, first_wait_s=0.02, longest_wait_s=0.05)
    apis.play(Fails(429, retry_after="1"), Fails(500), Fails(529), Drops())
    began = time.monotonic()
    with caplog.at_level(logging.INFO), models(tmp_path, apis, f"{provider}:{MODEL}", patience) as opened:
        answer = opened.ask(an_ask())
        spent = opened.spent
    assert answer.value == STORY
    assert len(apis.asked) == 5
    # Retry-After was obeyed, and no other wait added to it.
    assert 1.0 <= time.monotonic() - began < 30.0
    # The broken body may have been billed; what was answered with an error was not.
    assert spent.calls == 2
    for words in ("answered 429", "answered 500", "answered 529", "broke off"):
        assert any(words in line for line in caplog.messages)
    assert not any("Facts:" in line for line in caplog.messages)


@each_provider
def test_a_provider_that_does_not_answer_is_left_in_time(apis: StandIn, tmp_path: Path, provider: str) -> None:
    patience = Patience(read_s=0.2, tries=2, first_wait_s=0.01)
    apis.play(Hangs(1), Hangs(1))
    began = time.monotonic()
    with (
        models(tmp_path, apis, f"{provider}:{MODEL}", patience) as opened,
        pytest.raises(ModelAway, match=r"did not answer within 0 s\. Gave up after 2 tries"),
    ):
        opened.ask(an_ask())
    # One layer of retries: two requests, not two times the SDK's own three.
    assert len(apis.asked) == 2
    assert time.monotonic() - began < 20


@each_provider
def test_200_kb_in_any_script_go_and_come_back_whole(apis: StandIn, tmp_path: Path, provider: str) -> None:
    title = '\u202bסל הקניות\u202c 🛒 购物车 "</facts>'
    apis.play(Says(json.dumps({"title": title, "claims": []})))
    text = 'שלב התשלום, 支付 🧾 <facts> \\ " \n' * 6_000
    assert len(text.encode()) > 200_000
    with models(tmp_path, apis, f"{provider}:{MODEL}") as opened:
        opened.ask(an_ask(text))
        again = opened.ask(an_ask(text))
    assert again.from_cache
    assert again.value == Story(title=title, claims=[])
    assert json.dumps(text)[1:-1] in json.dumps(apis.asked[0].body)


def test_whoever_asks_for_more_patience_than_there_is_is_not_waited_for(apis: StandIn, tmp_path: Path) -> None:
    apis.play(Fails(429, retry_after="3600"))
    with models(tmp_path, apis) as opened, pytest.raises(ModelAway, match="answered 429"):
        opened.ask(an_ask())
    assert len(apis.asked) == 1


@each_provider
def test_nobody_there_is_a_model_that_is_away(tmp_path: Path, provider: str) -> None:
    with (
        models(tmp_path, None, f"{provider}:{MODEL}") as opened,
        pytest.raises(ModelAway, match=r"127\.0\.0\.1:9 could not be reached: .*refused"),
    ):
        opened.ask(an_ask())
    # Nothing was sent, so nothing was paid.
    assert opened.spent.calls == 0


@each_provider
@pytest.mark.parametrize("end", ["refused", "filtered"])
def test_a_refusal_is_told_and_not_bought_again(apis: StandIn, tmp_path: Path, provider: str, end: str) -> None:
    apis.play(Says(GOOD, end=end))  # type: ignore[arg-type]
    with models(tmp_path, apis, f"{provider}:{MODEL}") as opened:
        for _ in range(2):
            with pytest.raises(ModelRefused, match="would not answer"):
                opened.ask(an_ask())
    assert len(apis.asked) == 1
    assert opened.spent.calls == 1


@each_provider
def test_an_answer_cut_off_at_the_limit_is_unusable_even_when_it_could_be_read(
    apis: StandIn, tmp_path: Path, provider: str
) -> None:
    apis.play(Says(GOOD, end="cut_off"))
    with models(tmp_path, apis, f"{provider}:{MODEL}") as opened, pytest.raises(ModelUnusable) as caught:
        opened.ask(an_ask())
    assert caught.value.reason == "The answer was cut off at its limit of 300 tokens; it must be shorter."


@each_provider
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Certainly! Payment is left by many.", "The answer was prose; it must be one JSON object and nothing else."),
        ('{"t', "The answer was not valid JSON (line 1, column 2); it must be one JSON object and nothing else."),
        ("", "The answer was empty; it must be one JSON object."),
        ('{"title": "secret of a user", "claims": [{"fact": "9", "direction": "up"}]}',
         "The answer was not as the schema has it: claims.0.fact: String should match pattern '^f\\d+$'."),
        ('{"title": NaN, "claims": []}', "The answer was not valid JSON; it must be one JSON object and nothing else."),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_says_why_in_words_for_the_model(
    apis: StandIn, tmp_path: Path, provider: str, said: str, reason: str
) -> None:
    apis.play(Says(said))
    with models(tmp_path, apis, f"{provider}:{MODEL}") as opened:
        for _ in range(2):
            with pytest.raises(ModelUnusable) as caught:
                opened.ask(an_ask())
            assert caught.value.reason == reason
    # It was paid for once, and a rerun does not pay again.
    assert len(apis.asked) == 1


@each_provider
def test_a_wrong_model_names_the_setting_and_is_not_asked_again(apis: StandIn, tmp_path: Path, provider: str) -> None:
    with models(tmp_path, apis, f"{provider}:no-such-model") as opened:
        for text in ("one", "two"):
            with pytest.raises(LLMError, match=r"no model 'no-such-model' \(404\); correct USER_INTEL_LLM"):
                opened.ask(an_ask(text))
    assert len(apis.asked) == 1


@each_provider
def test_a_wrong_key_names_the_setting_and_leaks_nowhere(
    apis: StandIn, tmp_path: Path, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "sk-wrong-but-still-secret-0815"
    setting = f"{provider.upper()}_API_KEY"
    with (
        caplog.at_level(logging.DEBUG),
        models(tmp_path, apis, f"{provider}:{MODEL}", **{setting: wrong}) as opened,
        pytest.raises(LLMError, match=f"does not accept {setting}") as caught,
    ):
        opened.ask(an_ask())
    assert len(apis.asked) == 1
    chain: list[BaseException] = [caught.value]
    while following := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(following)
    kept = [*map(repr, chain), *(str(vars(error)) for error in chain), *traceback.format_exception(caught.value)]
    # The frames' own variables would only be printed by a debugger; what is printed, logged or stored must be clean.
    told = "\n".join([*kept, *caplog.messages, str(pickle.dumps(caught.value))])
    assert wrong not in told
    assert not any("Facts:" in line for line in caplog.messages)


@each_provider
def test_a_service_that_repeats_the_key_does_not_make_us_repeat_it(
    apis: StandIn, tmp_path: Path, provider: str
) -> None:
    apis.play(Fails(400, f"Your request with {KEY} was bad. " + "More. " * 200))
    with models(tmp_path, apis, f"{provider}:{MODEL}") as opened, pytest.raises(LLMError) as caught:
        opened.ask(an_ask())
    assert "Your request with [key] was bad." in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("key", ["sk-two\nlines", "sk-with blank", "sk-ümlaut"])
@each_provider
def test_a_key_that_can_be_none_is_refused_before_anything_is_sent(
    apis: StandIn, tmp_path: Path, provider: str, key: str
) -> None:
    setting = f"{provider.upper()}_API_KEY"
    with (
        models(tmp_path, apis, f"{provider}:{MODEL}", **{setting: key}) as opened,
        pytest.raises(LLMError, match=f"{setting} must be plain ASCII") as caught,
    ):
        opened.ask(an_ask())
    assert key not in str(caught.value)
    assert not apis.requests


@pytest.mark.parametrize("provider", ["anthropic", "gemini"])
def test_a_missing_key_is_told_by_its_setting(apis: StandIn, tmp_path: Path, provider: str) -> None:
    setting = f"{provider.upper()}_API_KEY"
    with (
        models(tmp_path, apis, f"{provider}:{MODEL}", **{setting: None}) as opened,
        pytest.raises(LLMError, match=f"names {provider}, and {setting} is not set"),
    ):
        opened.ask(an_ask())


@each_provider
def test_a_page_for_people_is_told_as_a_wrong_address(apis: StandIn, tmp_path: Path, provider: str) -> None:
    apis.play(Page())
    with (
        models(tmp_path, apis, f"{provider}:{MODEL}") as opened,
        pytest.raises(LLMError, match=r"not this API's\. Is (ANTHROPIC|OPENAI|GOOGLE_GEMINI)_BASE_URL the address"),
    ):
        opened.ask(an_ask())


def test_an_account_without_money_is_not_waited_for(apis: StandIn, tmp_path: Path) -> None:
    apis.play(Fails(429, "You exceeded your current quota.", code="insufficient_quota"))
    with (
        models(tmp_path, apis, f"openai:{MODEL}") as opened,
        pytest.raises(LLMError, match=r"exceeded your current quota\. The account of OPENAI_API_KEY needs attention"),
    ):
        opened.ask(an_ask())
    assert len(apis.asked) == 1


def test_a_server_of_one_s_own_needs_no_key_and_costs_what_is_not_known(tmp_path: Path) -> None:
    with (
        stand_ins.running(lambda _: Says(GOOD), models={"llama3.1:8b"}, key="") as server,
        models(tmp_path, server, "openai:llama3.1:8b", OPENAI_API_KEY=None) as opened,
    ):
        answer = opened.ask(an_ask())
    assert answer.value == STORY
    assert answer.cost_usd is None
    (request,) = server.asked
    assert "authorization" not in request.headers
    assert request.body["max_tokens"] == 4_300
    assert opened.spent.calls_of_unknown_cost == 1


def test_the_shared_text_is_marked_for_caching_where_several_asks_share_it(apis: StandIn, tmp_path: Path) -> None:
    long = "House rules. " * 300
    with models(tmp_path, apis) as opened:
        outcomes = opened.ask_many([an_ask("one", long), an_ask("two", long), an_ask("three", "Other rules.")])
    assert [outcome.value for outcome in outcomes] == [STORY] * 3  # type: ignore[union-attr]
    marked = {request.body["messages"][0]["content"]: request.body["system"][0] for request in apis.asked}
    assert marked["one"]["cache_control"] == marked["two"]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in marked["three"]
    with models(tmp_path, apis) as opened:
        opened.ask(an_ask("alone", long))
    assert "cache_control" not in apis.asked[-1].body["system"][0]


@pytest.mark.parametrize(
    ("model", "where", "effort"),
    [
        ("anthropic:claude-sonnet-5-5", ("output_config", "effort"), "low"),
        ("anthropic:claude-haiku-4-5-20251001", ("output_config", "effort"), None),
        ("openai:gpt-6.2-sol", ("reasoning_effort",), "low"),
        ("openai:gpt-4.1", ("reasoning_effort",), None),
        ("gemini:gemini-3.8-flash", ("generationConfig", "thinkingConfig", "thinking_level"), "LOW"),
        ("gemini:gemini-2.5-pro", ("generationConfig", "thinkingConfig", "thinking_budget"), 2000),
    ],
)
def test_models_that_think_are_told_how_hard(
    tmp_path: Path, model: str, where: tuple[str, ...], effort: object
) -> None:
    with stand_ins.running(lambda _: Says(GOOD), models={model.partition(":")[2]}) as apis:
        with models(tmp_path, apis, model, SOON) as opened:
            opened.ask(an_ask())
        found: object = apis.asked[0].body
        for key in where:
            found = found.get(key) if isinstance(found, dict) else None
        assert found == effort
