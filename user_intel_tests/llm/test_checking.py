"""What the doctor says of the configured models, without paying for an answer."""

from pathlib import Path

import pytest

from user_intel import doctor
from user_intel import settings as settings_module
from user_intel.llm.checking import check_models
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import PROVIDERS, settings
from user_intel_tests.llm.stand_ins import MODEL, StandIn


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_model_is_found_without_asking_it(apis: StandIn, tmp_path: Path, provider: str) -> None:
    (good,) = check_models(settings(tmp_path, apis, f"{provider}:{MODEL}"))
    assert good.works
    assert good.words == f"{provider}:{MODEL} may be asked (its price is not known)"
    (bad,) = check_models(settings(tmp_path, apis, f"{provider}:none-such"))
    assert not bad.works
    assert "has no model 'none-such'" in bad.words
    (keyless,) = check_models(
        settings(tmp_path, apis, f"{provider}:{MODEL}", **{f"{provider.upper()}_API_KEY": "sk-no"})
    )
    assert not keyless.works
    assert f"does not accept {provider.upper()}_API_KEY" in keyless.words
    assert not apis.asked


@pytest.fixture
def doctor_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    def says(stand_in: StandIn | None, llm: str, **more: object) -> doctor.Finding:
        chosen = settings(tmp_path, stand_in, llm, **more)
        monkeypatch.setattr(settings_module, "settings", lambda: chosen)
        return doctor._llm()

    return says


def test_the_doctor_names_prices_bounds_and_what_does_not_work(doctor_says: object) -> None:
    assert callable(doctor_says)
    assert doctor_says(None, "offline").state == "default"
    with stand_ins.running(models={"claude-haiku-4-5", "llama3"}) as apis:
        found = doctor_says(apis, "anthropic:claude-haiku-4-5, openai:llama3")
        assert found.state == "works"
        assert found.words == (
            "anthropic:claude-haiku-4-5 may be asked ($1 in, $5 out a million tokens); then openai:llama3 may be asked "
            "(its price is not known); at most $1.00 and 100 calls for each day explained"
        )
        half = doctor_says(apis, "anthropic:claude-haiku-4-5,openai:llama3", ANTHROPIC_API_KEY=None)
        assert half.state == "broken"
        assert half.words.startswith("USER_INTEL_LLM names anthropic, and ANTHROPIC_API_KEY is not set")
