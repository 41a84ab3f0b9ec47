"""What the analysed product looks like: `product.yaml` in the home, every key optional, unknown keys refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from user_intel.errors import ConfigError

# A segment becomes a column of `sessions`, so it must not look like anything but a name.
_PROPERTY_NAME = re.compile(r"^[$A-Za-z_][$A-Za-z0-9_. -]{0,62}$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PathRule(_Strict):
    """One rewriting of page paths, applied after the built-in ones. `match` is an RE2 regular expression."""

    match: str
    replace: str

    @field_validator("match")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return pattern


class Goals(_Strict):
    """What reaching a goal is worth, in US dollars, by step name."""

    value_usd: dict[str, Annotated[float, Field(ge=0)]] = {}


class Thresholds(_Strict):
    """Evidence below which nothing is said, and the definitions of a session."""

    min_users: Annotated[int, Field(ge=1)] = 5
    min_sessions: Annotated[int, Field(ge=1)] = 10
    q_value: Annotated[float, Field(gt=0, lt=1)] = 0.05
    window_days: Annotated[int, Field(ge=1)] = 7
    session_gap_minutes: Annotated[int, Field(ge=1, le=720)] = 30
    session_cap_hours: Annotated[int, Field(ge=1, le=24)] = 24
    dwell_cap_minutes: Annotated[int, Field(ge=1)] = 30


class Product(_Strict):
    """The analysed product. Steps are normalised page paths or event names, as in the `events` table."""

    timezone: str = "UTC"
    flows: dict[str, list[str]] = {}
    features: list[str] = []
    segments: list[str] = []
    ignore_events: list[str] = []
    path_rules: list[PathRule] = []
    keep_hosts: bool = False
    keep_query_parameters: list[str] = []
    drop_properties: list[str] = []
    goals: Goals = Goals()
    thresholds: Thresholds = Thresholds()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that days are counted in."""
        return ZoneInfo(self.timezone)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is not an IANA time zone such as 'Europe/Berlin'")
        return name

    @field_validator("flows")
    @classmethod
    def _sound_flows(cls, flows: dict[str, list[str]]) -> dict[str, list[str]]:
        for name, steps in flows.items():
            twice = sorted({step for step in steps if steps.count(step) > 1})
            if twice:
                raise ValueError(f"flow {name!r} names {twice[0]!r} twice; a flow visits each step once")
            if len(steps) < 2:
                raise ValueError(f"flow {name!r} has {len(steps)} step; at least two are needed")
        return flows

    @field_validator("segments")
    @classmethod
    def _sound_segments(cls, segments: list[str]) -> list[str]:
        for name in segments:
            if not _PROPERTY_NAME.match(name):
                raise ValueError(f"{name!r} cannot be a column; use letters, digits, $ and _")
        if len({name.lower() for name in segments}) < len(segments):
            raise ValueError("a segment is named twice (upper and lower case do not count)")
        return segments


def load_product(home: Path) -> Product:
    """`product.yaml` of a home; all defaults where there is none. Raises ConfigError naming file, key and remedy."""
    path = home / "product.yaml"
    if not path.exists():
        return Product()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not readable as YAML: {error}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path} must hold keys such as 'timezone:' and 'flows:', found {type(content).__name__}.")
    try:
        return Product.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_readable(error)}") from None


def _readable(error: ValidationError) -> str:
    return "; ".join(_one_fault(fault["type"], fault["loc"], fault["msg"]) for fault in error.errors())


def _one_fault(kind: str, location: tuple[int | str, ...], message: str) -> str:
    where = ".".join(map(str, location))
    if kind == "extra_forbidden":
        return f"unknown key {where!r}; known keys are {', '.join(Product.model_fields)}"
    return f"{where}: {message.removeprefix('Value error, ')}"
