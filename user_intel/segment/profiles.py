"""Profiles of the personas of a day: what sets them apart, how they walk, what troubles them, what becomes of them.

Belongs here: gathering what the other modules say into the rows of `cluster_profiles`. A persona of the day before that
is gone gets one row, on the day it is missing. No profile holds an id of a user or a session.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from user_intel.days import day_range
from user_intel.lake import Connection, Lake
from user_intel.product import Product
from user_intel.segment import naming, outcomes, paths, traits
from user_intel.segment.features import feature_days
from user_intel.segment.matrix import SAME_AS, Matrix, load_matrix
from user_intel.segment.outcomes import Rate
from user_intel.segment.personas import Persona, from_json
from user_intel.segment.plain import plain_values
from user_intel.segment.traits import Trait
from user_intel.segment.trend import Clustering, Trend, gone, trend
from user_intel.segment.troubles import Trouble, troubles

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Row = dict[str, Any]
# Told beside what was clustered by: what several columns say together, and what only some users have.
_ALSO_TOLD = ("weekend_share",)
_ALSO_TOLD_OF_FLOWS = ("flow_completion", "flow_progress")
_STABLE, _UNSTABLE = 0.75, 0.60


@dataclass(frozen=True)
class _Told:
    """What was found out about all personas of a day, by key."""

    traits: Mapping[str, Sequence[Trait]]
    paths: Mapping[str, Sequence[paths.Path]]
    exemplars: Mapping[str, Sequence[dict[str, Any]]]
    goals: Mapping[str, Rate]
    returns: Mapping[str, Rate]
    mix: Mapping[str, Sequence[dict[str, Any]]]
    troubles: Mapping[str, Sequence[Trouble]]
    names: Mapping[str, naming.Name]
    stabilities: Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True)
class _Day:
    """A clustered day beside those before it."""

    lake: Lake
    product: Product
    today: Clustering
    earlier: Mapping[date, Clustering]
    before: date | None
    stabilities: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)


def write_profiles(lake: Lake, product: Product, day: date) -> int:
    """Writes `cluster_profiles` of `day` and returns the number of personas that are there or just gone.

    Reads clusterings, user_clusters, user_features and pain_points of the day, sessions and steps of its window.
    """
    return lake.write_rows("cluster_profiles", day, profiles(lake, product, day))


def profiles(lake: Lake, product: Product, day: date) -> list[Row]:
    """One row a persona, with the columns of `tables.CLUSTER_PROFILES`; none where the day has no clustering."""
    found = _open_day(lake, product, day)
    if found is None:
        return []
    earlier_names = _earlier_names(lake, product, day)
    told = _told(found, earlier_names)
    rows = [_row(found, told, persona) for persona in found.today.personas]
    lost = gone(found.today, found.earlier.get(found.before) if found.before else None)
    return rows + [_gone(found, persona, earlier_names.get(persona.key)) for persona in lost]


def standing(stability: float | None) -> str:
    """What a mean Jaccard means, by Hennig (2007): stable from 0.75, unstable below 0.60."""
    if stability is None:
        return "unknown"
    return "stable" if stability >= _STABLE else "unstable" if stability < _UNSTABLE else "doubtful"


def _open_day(lake: Lake, product: Product, day: date) -> _Day | None:
    days = [each for each in lake.days("clusterings") if each <= day]
    window = set(feature_days(product, day))
    with lake.connect() as connection:
        rows = lake.read(connection, "clusterings", [each for each in days if each in window or each in days[-2:]])
        cells = rows.project("day, users, personas, before_day, stabilities").order("day").fetchall()
    known = {each: Clustering(each, users or 0, from_json(text or "[]")) for each, users, text, _, _ in cells}
    if day not in known:
        return None
    *_, before, stabilities = cells[-1]
    return _Day(lake, product, known.pop(day), known, before, json.loads(stabilities or "{}"))


def _told(found: _Day, earlier_names: Mapping[str, naming.Name]) -> _Told:
    lake, product, day = found.lake, found.product, found.today.day
    days = feature_days(product, day)
    with lake.connect() as connection:
        lake.read(connection, "user_clusters", [day]).create_view("members")
        lake.read(connection, "user_features", [day]).create_view("features")
        lake.read(connection, "sessions", days).create_view("window_sessions")
        lake.read(connection, "steps", days).create_view("window_steps")
        matrix = load_matrix(lake, product, day)
        groups = _groups(connection, matrix, [each.key for each in found.today.personas])
        compared = _compared(connection, product, matrix, groups)
        walked = paths.typical_paths(connection, product) if groups else {}
        _open_typical(connection, matrix, groups, walked)
        return _Told(
            {key: traits.large(each, product.clusters.min_effect) for key, each in compared.items()},
            walked,
            paths.exemplars(connection, product) if groups else {},
            outcomes.goal_rates(connection),
            outcomes.return_rates(connection, _days_held(lake, days)),
            outcomes.mix(connection, lake, product, days) if groups else {},
            troubles(lake, product, day) if groups else {},
            naming.names(compared, earlier_names, product.clusters.min_effect),
            found.stabilities,
        )


def _groups(connection: Connection, matrix: Matrix, keys: Sequence[str]) -> dict[str, npt.NDArray[np.bool_]]:
    """Who is in which persona, by rows of the matrix."""
    import numpy as np

    key_of = dict(connection.view("members").project("user_id, cluster_key").fetchall())
    mine = np.array([key_of.get(user) or "" for user in matrix.user_ids], dtype=object)
    return {key: np.asarray(mine == key, dtype=np.bool_) for key in keys}


def _compared(
    connection: Connection, product: Product, matrix: Matrix, groups: Mapping[str, npt.NDArray[np.bool_]]
) -> dict[str, list[Trait]]:
    import numpy as np

    if not groups:
        return {}
    features = connection.view("features")
    flows = sorted(flow for (flow,) in features.project("unnest(map_keys(flow_completion))").distinct().fetchall())
    of_flows = [f"{kind}: {flow}" for kind in _ALSO_TOLD_OF_FLOWS for flow in flows]
    # Of twins one is enough to group by, but the other may be the one to tell people.
    twins = [name for name, why in matrix.left_out.items() if why.startswith(SAME_AS)]
    names = list(dict.fromkeys([*matrix.names, *twins, *_ALSO_TOLD, *of_flows]))
    plain = plain_values(features, names)
    scaled = np.column_stack([matrix.values, plain[:, len(matrix.names) :]])
    return traits.compare(names, plain, scaled, groups, product)


def _open_typical(
    connection: Connection,
    matrix: Matrix,
    groups: Mapping[str, npt.NDArray[np.bool_]],
    walked: Mapping[str, Sequence[paths.Path]],
) -> None:
    """Makes the views typical_users and typical_steps."""
    import polars as pl

    users = list(paths.typical_users(matrix.user_ids, matrix.values, groups))
    schema = {"cluster_key": pl.String, "place": pl.Int64, "user_id": pl.String}
    connection.register("typical_users", pl.DataFrame(users, schema=schema, orient="row"))
    steps = sorted({(key, step) for key, each in walked.items() for path in each for step in path.steps})
    columns = {"cluster_key": pl.String, "step": pl.String}
    connection.register("typical_steps", pl.DataFrame(steps, schema=columns, orient="row"))


def _days_held(lake: Lake, days: Sequence[date]) -> list[date]:
    """The days of the window from the first that the lake has."""
    held = [day for day in lake.days("sessions") if days[0] <= day <= days[-1]]
    return list(day_range(held[0], days[-1])) if held else []


def _earlier_names(lake: Lake, product: Product, day: date) -> dict[str, naming.Name]:
    """The name each persona had last, in the window before the day or on the last day before it that was profiled."""
    earlier = [each for each in lake.days("cluster_profiles") if each < day]
    window = set(feature_days(product, day))
    wanted = [each for each in earlier if each in window or each == earlier[-1]]
    with lake.connect() as connection:
        rows = lake.read(connection, "cluster_profiles", wanted)
        cells = rows.order("day").project("cluster_key, name, name_marks").fetchall() if wanted else []
    return {
        key: naming.Name(name, tuple((feature, direction) for feature, direction in json.loads(marks or "[]")))
        for key, name, marks in cells
    }


def _row(found: _Day, told: _Told, persona: Persona) -> Row:
    key = persona.key
    stability = told.stabilities.get(key, {})
    goal, back = told.goals.get(key, Rate()), told.returns.get(key, Rate())
    hit = told.troubles.get(key, ())
    return _head(
        found, persona, told.names[key], trend(persona, found.today, found.earlier, found.product.clusters)
    ) | {
        "users": persona.users,
        "share": persona.users / found.today.users if found.today.users else 0.0,
        "stability": stability.get("jaccard"),
        "dbcv": stability.get("dbcv"),
        "standing": standing(stability.get("jaccard")),
        "traits": _json([asdict(each) for each in told.traits.get(key, ())]),
        "pain_point_ids": [each.pain_point_id for each in hit],
        "paths": _json([asdict(each) for each in told.paths.get(key, ())]),
        "exemplars": _json(told.exemplars.get(key, [])),
        "pain_points": _json([asdict(each) for each in hit]),
        "goal_rate": goal.rate,
        "goal_low": goal.low,
        "goal_high": goal.high,
        "goal_rest": goal.rest,
        "return_rate": back.rate,
        "return_low": back.low,
        "return_high": back.high,
        "return_rest": back.rest,
        "mix": _json(told.mix.get(key, [])),
    }


def _gone(found: _Day, persona: Persona, name: naming.Name | None) -> Row:
    before = found.earlier[found.before] if found.before else None
    share = persona.users / before.users if before and before.users else None
    known = name or naming.Name(persona.key.replace("-", " "), ())
    empty = {"traits": "[]", "pain_point_ids": [], "paths": "[]", "exemplars": "[]", "pain_points": "[]", "mix": "[]"}
    told = {"users": 0, "share": 0.0, "standing": "unknown", **empty}
    return _head(found, persona, known, Trend("gone", found.before, share)) | told


def _head(found: _Day, persona: Persona, name: naming.Name, where_to: Trend) -> Row:
    return {
        "day": found.today.day,
        "cluster_key": persona.key,
        "name": name.words,
        "name_marks": _json(name.marks),
        "colour": persona.colour,
        "first_day": persona.first_day,
        "status": where_to.status,
        "compared_with": where_to.compared_with,
        "share_before": where_to.share_before,
    }


def _json(value: object) -> str:
    return json.dumps(_rounded(value), ensure_ascii=False, default=str)


def _rounded(value: Any) -> Any:
    """Six digits that mean something: more would differ from machine to machine."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
