"""The providers there are, by name. A new one is a module beside this, a line here and a price."""

from __future__ import annotations

from user_intel.llm.patience import Patience
from user_intel.llm.provider import Provider, access
from user_intel.settings import Settings


def connect(settings: Settings, provider: str, patience: Patience) -> Provider:
    """A connection to `provider`; nothing is sent yet. Raises LLMError when its key is missing or can be none.

    Each SDK is loaded here and not before: they take a second or two together.
    """
    found = access(settings, provider)
    if provider == "anthropic":
        from user_intel.llm.anthropic import AnthropicProvider

        return AnthropicProvider(found, patience)
    if provider == "openai":
        from user_intel.llm.openai import OpenAIProvider

        return OpenAIProvider(found, patience)
    from user_intel.llm.gemini import GeminiProvider

    return GeminiProvider(found, patience)
