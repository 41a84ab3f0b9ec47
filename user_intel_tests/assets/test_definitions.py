"""The asset graph, kept as text that a person can read: nothing enters or leaves it unseen."""

from pathlib import Path

import dagster as dg
import pytest

SNAPSHOT = Path(__file__).parent / "asset_graph.txt"


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    from assets.definitions import defs

    return defs


def drawn(definitions: dg.Definitions) -> str:
    """Assets by stage with what they are made from and how they are checked; then jobs, schedules and sensors."""
    graph = definitions.resolve_asset_graph()
    lines: list[str] = []
    nodes = [graph.get(key) for key in graph.toposorted_asset_keys]
    for stage in dict.fromkeys(node.group_name for node in nodes):
        lines.append(stage)
        for node in (n for n in nodes if n.group_name == stage):
            parents = ", ".join(sorted(key.path[-1] for key in node.parent_keys)) or "outside"
            lines.append(f"  {node.key.path[-1]} <- {parents}  ({', '.join(sorted(node.kinds))})")
            checks = sorted(key.name for key in graph.asset_check_keys if key.asset_key == node.key)
            lines += [f"    check {name}" for name in checks]
    repository = definitions.get_repository_def()
    jobs = (job.name for job in repository.get_all_jobs() if not job.name.startswith("__"))
    lines += ["", *(f"job {name}" for name in sorted(jobs))]
    lines += [f"schedule {s.name}: {s.cron_schedule}" for s in sorted(repository.schedule_defs, key=lambda s: s.name)]
    lines += [f"sensor {s.name}" for s in sorted(repository.sensor_defs, key=lambda s: s.name)]
    return "\n".join(lines) + "\n"


def test_the_graph_is_as_drawn(definitions: dg.Definitions) -> None:
    found = drawn(definitions)
    assert found == SNAPSHOT.read_text(encoding="utf-8"), f"if this is meant, write it to {SNAPSHOT.name}:\n{found}"


def test_every_asset_is_described_owned_daily_fresh_and_run_as_one(definitions: dg.Definitions) -> None:
    for asset in definitions.resolve_asset_graph().assets_defs:
        for spec in asset.specs:
            assert spec.description
            in_the_graph = spec.key.path in (["journey_graph"], ["insight_links"])
            assert in_the_graph or spec.description.startswith("One row per")
            assert spec.owners == ["team:user-intel"]
            assert spec.kinds
            assert spec.freshness_policy
            assert isinstance(spec.partitions_def, dg.DailyPartitionsDefinition)
            assert asset.backfill_policy == dg.BackfillPolicy.single_run()


def test_definitions_are_sound(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)
