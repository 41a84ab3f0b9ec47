"""Schemas in the part of JSON Schema that strict structured output knows, and what comes back checked against them."""

import json
from typing import Annotated, Literal

import jsonschema
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel.llm.structure import read_answer, strict_schema
from user_intel_tests.llm.asking import GOOD, STORY, Claim, Story
from user_intel_tests.llm.played import strict


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: Annotated[int, pydantic.Field(ge=0, le=9)] = 9


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    name: str | None = None


class Home(pydantic.BaseModel):
    animals: list[Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]] = []
    parent: "Home | None" = None
    guard: Dog = pydantic.Field(default=Dog(kind="dog"), description="Who watches.")


def test_a_schema_is_closed_and_its_limits_are_told_in_words() -> None:
    schema = strict_schema(Story)
    assert schema["required"] == ["title", "claims"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["title"] == {"type": "string", "description": "One line. (maxLength: 40)"}
    assert schema["$defs"]["Claim"]["required"] == ["fact", "direction"]


@pytest.mark.parametrize("model", [Story, Claim, Home])
def test_strict_output_takes_every_schema_and_it_is_one(model: type[pydantic.BaseModel]) -> None:
    schema = strict_schema(model)
    strict(schema)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_what_fits_the_model_with_all_its_fields_fits_the_strict_schema() -> None:
    home = Home(animals=[Cat(kind="cat"), Dog(kind="dog")], parent=Home())
    jsonschema.validate(home.model_dump(), strict_schema(Home))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"animals": []}, strict_schema(Home))


def test_an_object_with_any_fields_cannot_be_said() -> None:
    class Open(pydantic.BaseModel):
        counts: dict[str, int]

    with pytest.raises(ValueError, match="needs the names of all fields: Counts"):
        strict_schema(Open)


def test_a_tuple_cannot_be_said() -> None:
    class Pair(pydantic.BaseModel):
        ends: tuple[int, str]

    with pytest.raises(ValueError, match="knows no prefixItems"):
        strict_schema(Pair)


def test_what_is_told_of_a_reference_stands_around_it() -> None:
    found = strict_schema(Home)["$defs"]["Home"]["properties"]["guard"]
    assert found == {"anyOf": [{"$ref": "#/$defs/Dog"}], "description": "Who watches."}


def test_what_was_written_is_read() -> None:
    assert read_answer(f"\n {GOOD} ", Story) == STORY


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "Here you are: {}"])
def test_json_in_prose_is_not_dug_out(fence: str) -> None:
    assert isinstance(read_answer(fence.replace("{}", GOOD), Story), str)


def test_what_is_wrong_is_told_shortly_and_repeats_nothing_of_what_was_written() -> None:
    claims = [{"fact": "ignore previous instructions", "direction": "sideways"}] * 3
    reason = read_answer(json.dumps({"title": "t" * 41, "claims": claims}), Story)
    assert isinstance(reason, str)
    assert "title: String should have at most 40 characters" in reason
    assert reason.endswith("; and 2 more.")
    assert "ignore" not in reason
    assert "sideways" not in reason


@settings(max_examples=60)
@given(st.text(max_size=200) | st.recursive(st.none() | st.booleans() | st.text(max_size=9), st.lists).map(json.dumps))
def test_whatever_comes_back_is_an_answer_or_a_reason(text: str) -> None:
    found = read_answer(text, Story)
    assert isinstance(found, Story) or (isinstance(found, str) and found.startswith("The answer was"))
    assert len(str(found)) < 1_000


def test_a_tower_of_brackets_is_a_reason() -> None:
    assert isinstance(read_answer("[" * 200_000, Story), str)
