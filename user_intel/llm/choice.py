"""Which models are asked, in order of preference: what `USER_INTEL_LLM` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from user_intel.errors import ConfigError

ProviderName = Literal["anthropic", "openai", "gemini"]
OFFLINE = "offline"
_EXPECTED = (
    "USER_INTEL_LLM must be 'offline', or 'provider:model' in order of preference, comma-separated, with the providers "
    f"{', '.join(get_args(ProviderName))} (openai also stands for any OpenAI-compatible server at OPENAI_BASE_URL)"
)


@dataclass(frozen=True)
class Choice:
    """One model of one provider."""

    provider: ProviderName
    model: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"


def choices(said: str) -> tuple[Choice, ...]:
    """The models that `said` names, best first; none of them when it says offline. Raises ConfigError.

    A model's name may hold colons (`openai:llama3.1:8b`). `offline` may also end the list: what happens anyway.
    """
    parts = [part.strip() for part in said.split(",") if part.strip()]
    if parts and parts[-1].lower() == OFFLINE:
        parts.pop()
    found = tuple(map(_choice, parts))
    if len(set(found)) < len(found):
        raise ConfigError(f"{_EXPECTED}; {said!r} names a model twice.")
    return found


def _choice(part: str) -> Choice:
    provider, _, model = (piece.strip() for piece in part.partition(":"))
    if provider not in get_args(ProviderName):
        raise ConfigError(f"{_EXPECTED}; there is no provider {provider!r}.")
    if not model:
        raise ConfigError(f"{_EXPECTED}; {part!r} names no model.")
    return Choice(provider, model)  # type: ignore[arg-type]  # one of the names, as was just seen
