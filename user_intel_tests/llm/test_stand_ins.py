"""The played APIs say what the real ones say: their answers fit the types the makers generate from their reference."""

import anthropic.types
import openai.types.chat
import pytest
from google.genai import types as gemini_types

from user_intel_tests.llm import anthropic_api, gemini_api, openai_api
from user_intel_tests.llm.played import Refusal, Request, strict
from user_intel_tests.llm.stand_ins import Says

REQUEST = Request("POST", "/v1/models/m:generateContent", {}, b'{"model": "m"}')


@pytest.mark.parametrize("end", ["done", "cut_off", "refused", "filtered"])
def test_answers_fit_the_makers_types(end: str) -> None:
    move = Says("{}", end=end, cached_tokens=10, written_tokens=5)  # type: ignore[arg-type]
    anthropic.types.Message.model_validate(anthropic_api.answer(REQUEST, move), strict=True)
    openai.types.chat.ChatCompletion.model_validate(openai_api.answer(REQUEST, move), strict=True)
    said = gemini_types.GenerateContentResponse.model_validate(gemini_api.answer(REQUEST, move))
    assert said.usage_metadata is not None


def test_a_schema_that_strict_output_does_not_know_is_refused() -> None:
    for schema in (
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": False},
        {"type": "string", "maxLength": 3},
    ):
        with pytest.raises(Refusal):
            strict(schema)
