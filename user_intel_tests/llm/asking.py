"""Settings and asks of these tests."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Literal

import pydantic

from user_intel.llm.asks import Ask
from user_intel.llm.models import Models, open_models
from user_intel.llm.patience import Patience
from user_intel.settings import Settings
from user_intel_tests.llm.stand_ins import KEY, MODEL, StandIn

DAY = date(2026, 11, 20)
PROVIDERS = ("anthropic", "openai", "gemini")
# Waits are cut short; how long they are by themselves is tested where it is the question.
SOON = Patience(read_s=5, tries=3, first_wait_s=0.02, longest_wait_s=0.05, ask_s=20)


class Claim(pydantic.BaseModel):
    """One number."""

    fact: str = pydantic.Field(pattern=r"^f\d+$")
    direction: Literal["up", "down"] | None


class Story(pydantic.BaseModel):
    """What is to be written."""

    title: str = pydantic.Field(max_length=40, description="One line.")
    claims: list[Claim] = pydantic.Field(max_length=3)


GOOD = json.dumps({"title": "Payment is left", "claims": [{"fact": "f1", "direction": "down"}]})
STORY = Story(title="Payment is left", claims=[Claim(fact="f1", direction="down")])


def an_ask(text: str = "Facts: f1 is 12 %.", system: str = "You write insights. ") -> Ask:
    return Ask("insight", system, text, Story, 300)


def settings(home: Path, stand_in: StandIn | str | None, llm: str, **more: object) -> Settings:
    url = stand_in.url if isinstance(stand_in, StandIn) else stand_in or "http://127.0.0.1:9"
    chosen = {
        "USER_INTEL_HOME": home, "USER_INTEL_LLM": llm,
        "ANTHROPIC_API_KEY": KEY, "OPENAI_API_KEY": KEY, "GEMINI_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": url, "OPENAI_BASE_URL": f"{url}/v1", "GOOGLE_GEMINI_BASE_URL": url,
    } | more  # fmt: skip
    return Settings(_env_file=None, **chosen)  # type: ignore[call-arg, arg-type]


def models(
    home: Path,
    stand_in: StandIn | str | None,
    llm: str = f"anthropic:{MODEL}",
    patience: Patience = SOON,
    **more: object,
) -> AbstractContextManager[Models]:
    return open_models(settings(home, stand_in, llm, **more), day=DAY, patience=patience)
