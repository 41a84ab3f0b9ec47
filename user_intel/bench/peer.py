"""One measurement of a peer, run by the peers' own Python: `python peer.py PEER TASK EVENTS STEPS OUT SQL_FOLDER`.

Imports nothing of user_intel, which that environment does not have. Prints one line of JSON as `ours.py` does. Each
peer reads the same file and gives the same answer as ours; what one has no function for is not measured.
"""

# mypy: ignore-errors
import json
import sys
import time
from pathlib import Path

FUNNEL = ["/step/0", "/step/1", "/step/2", "/step/5"]
HALF_HOUR = "30min"


def sql(words, name):
    return (words / f"windows_{name}.sql").read_text(encoding="utf-8")


def duckdb_windows(task, events, steps, out, words):
    import duckdb

    begun = time.perf_counter()
    connection = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(out)})
    if task == "journeys":
        connection.execute(sql(words, "journeys"), {"events": str(events)})
        for table in ("sessions", "steps"):
            connection.execute(sql(words, table), {"path": str(out / f"{table}.parquet")})
        steps = out / "steps.parquet"
        task = "transitions"
    connection.read_parquet(str(steps)).create_view("steps")
    return begun, len(connection.execute(sql(words, task)).fetchall())


def pandas(task, events, steps, out, words):
    import pandas as pd

    begun = time.perf_counter()
    if task == "journeys":
        return begun, _pandas_journeys(pd, events, out)
    frame = pd.read_parquet(steps, columns=["session_id", "user_id", "step", "entered_at", "position"])
    frame = frame.sort_values(["session_id", "position"])
    return begun, len(_PANDAS[task](pd, frame))


def _pandas_journeys(pd, events, out):
    frame = pd.read_parquet(events, columns=["user_id", "event_id", "at", "step", "is_bot"])
    frame = frame[~frame["is_bot"]].sort_values(["user_id", "at", "event_id"])
    starts = (frame["user_id"] != frame["user_id"].shift()) | (frame["at"].diff() > pd.Timedelta(HALF_HOUR))
    frame["session_id"] = starts.cumsum()
    sessions = frame.groupby("session_id").agg(
        user_id=("user_id", "first"), started_at=("at", "min"), ended_at=("at", "max"), event_count=("at", "size"),
        entry_step=("step", "first"), exit_step=("step", "last"),
    )  # fmt: skip
    sessions.to_parquet(out / "sessions.parquet", compression="zstd")
    visits = frame[starts | (frame["step"] != frame["step"].shift())].copy()
    by_session = visits.groupby("session_id")
    visits["position"] = by_session.cumcount() + 1
    visits["next_step"] = by_session["step"].shift(-1)
    visits["dwell_s"] = (by_session["at"].shift(-1) - visits["at"]).dt.total_seconds().clip(upper=1800)
    visits.drop(columns=["event_id", "is_bot"]).to_parquet(out / "steps.parquet", compression="zstd")
    pairs = visits.dropna(subset=["next_step"]).groupby(["step", "next_step"])
    return len(
        pairs.agg(
            count=("at", "size"),
            sessions=("session_id", "nunique"),
            users=("user_id", "nunique"),
            gap=("dwell_s", "median"),
        )
    )


def _pandas_followed(frame):
    by_session = frame.groupby("session_id", sort=False)
    frame["next_step"] = by_session["step"].shift(-1)
    frame["dwell_s"] = (by_session["entered_at"].shift(-1) - frame["entered_at"]).dt.total_seconds()
    return frame


def _pandas_transitions(pd, frame):
    pairs = _pandas_followed(frame).dropna(subset=["next_step"]).groupby(["step", "next_step"])
    return pairs.agg(
        count=("position", "size"),
        sessions=("session_id", "nunique"),
        users=("user_id", "nunique"),
        gap=("dwell_s", "median"),
    )


def _pandas_step_matrix(pd, frame):
    frame["place"] = frame.groupby("session_id", sort=False).cumcount() + 1
    return frame[frame["place"] <= 10].groupby(["place", "step"]).size()


def _pandas_top_paths(pd, frame):
    first = frame[frame["position"] <= 5]
    return first.groupby("session_id", sort=False)["step"].agg(tuple).value_counts().head(20)


def _pandas_funnel(pd, frame):
    reached, counts = None, []
    for step in FUNNEL:
        rows = frame[frame["step"] == step]
        if reached is not None:
            rows = rows[rows["position"] > rows["session_id"].map(reached)]
        reached = rows.groupby("session_id", sort=False)["position"].min()
        counts.append(len(reached))
    return counts


def _pandas_cycles(pd, frame):
    by_session = frame.groupby("session_id", sort=False)["step"]
    s0, s1, s2, s3, s4 = frame["step"], *(by_session.shift(-n) for n in (1, 2, 3, 4))
    found = []
    for length, closed in (
        (2, s2 == s0),
        (3, (s3 == s0) & (s2 != s0)),
        (4, (s4 == s0) & (s2 != s0) & (s3 != s0) & (s1 != s3)),
    ):
        ring = pd.concat([s[closed] for s in (s0, s1, s2, s3)[:length]], axis=1)
        turned = [min(row[n:] + row[:n] for n in range(len(row))) for row in ring.itertuples(index=False, name=None)]
        ring = pd.Series(turned, index=ring.index, dtype=object)
        found.append(
            pd.DataFrame({"ring": ring, "session": frame["session_id"][closed], "user": frame["user_id"][closed]})
        )
    return (
        pd.concat(found)
        .groupby("ring")
        .agg(count=("ring", "size"), sessions=("session", "nunique"), users=("user", "nunique"))
    )


def _pandas_time_on_step(pd, frame):
    return _pandas_followed(frame).groupby("step")["dwell_s"].quantile([0.5, 0.9])


def _pandas_drop_off(pd, frame):
    last = frame.groupby("session_id", sort=False)["step"].last().value_counts()
    return pd.DataFrame({"exits": last, "arrivals": frame.groupby("step")["session_id"].nunique()})


_PANDAS = {
    "transitions": _pandas_transitions,
    "step_matrix": _pandas_step_matrix,
    "top_paths": _pandas_top_paths,
    "funnel": _pandas_funnel,
    "cycles": _pandas_cycles,
    "time_on_step": _pandas_time_on_step,
    "drop_off": _pandas_drop_off,
}


def polars_over(task, events, steps, out, words):
    import polars as pl

    begun = time.perf_counter()
    own = {"partition_by": "session_id", "order_by": "position"}
    frame = pl.scan_parquet(steps).select("session_id", "user_id", "position", "step", "entered_at")
    frame = frame.with_columns(
        next_step=pl.col("step").shift(-1).over(**own),
        dwell_s=(pl.col("entered_at").shift(-1).over(**own) - pl.col("entered_at")).dt.total_seconds(fractional=True),
    )
    sessions, users, dwell = pl.col("session_id").n_unique(), pl.col("user_id").n_unique(), pl.col("dwell_s")
    followed, by_step = frame.drop_nulls("next_step"), frame.group_by("step")
    answers = {
        "transitions": lambda: followed.group_by("step", "next_step").agg(pl.len(), sessions, users, dwell.median()),
        "time_on_step": lambda: by_step.agg(dwell.quantile(0.5).alias("p50_s"), dwell.quantile(0.9).alias("p90_s")),
        "drop_off": lambda: by_step.agg(sessions, pl.col("next_step").is_null().sum()),
    }
    return begun, answers[task]().collect().height


def retentioneering(task, events, steps, out, words):
    import pandas as pd
    from retentioneering import Eventstream

    begun = time.perf_counter()
    if task == "journeys":
        frame = pd.read_parquet(events, columns=["user_id", "at", "step", "is_bot"])
        frame = frame[~frame["is_bot"]].drop(columns="is_bot").rename(columns={"at": "timestamp", "step": "event"})
        stream = Eventstream(frame, {"path_cols": ["user_id"]}).split_sessions(timeout="30m")
        stream = stream.collapse_events(loops=True, path_col="session_id")
        stream.to_dataframe().to_parquet(out / "steps.parquet", compression="zstd")
        return begun, len(_graphs(stream, "session_id"))
    frame = pd.read_parquet(steps, columns=["session_id", "step", "entered_at"])
    frame = frame.rename(columns={"entered_at": "timestamp", "step": "event"})
    stream = Eventstream(frame, {"path_cols": ["session_id"]})
    answers = {
        "transitions": lambda: _graphs(stream, None),
        "step_matrix": lambda: stream.step_matrix_data(max_steps=10),
        "funnel": lambda: stream.funnel_data(FUNNEL),
        "time_on_step": lambda: stream.transition_graph_data("time_median"),
    }
    return begun, len(answers[task]())


def _graphs(stream, path_col):
    # Three calls, because ours gives the count, the sessions and the median time (and the users besides).
    for weight in ("count", "unique_paths", "time_median"):
        graph = stream.transition_graph_data(weight, path_col=path_col)
    return graph


def pm4py(task, events, steps, out, words):
    import pandas as pd
    import pm4py

    begun = time.perf_counter()
    frame = pd.read_parquet(steps, columns=["session_id", "step", "entered_at"])
    log = pm4py.format_dataframe(frame, case_id="session_id", activity_key="step", timestamp_key="entered_at")
    answers = {
        "transitions": lambda: pm4py.discover_dfg(log)[0],
        "top_paths": lambda: pm4py.get_variants(log),
        "time_on_step": lambda: pm4py.discover_performance_dfg(log)[0],
        "drop_off": lambda: pm4py.get_end_activities(log),
    }
    return begun, len(answers[task]())


PEERS = {
    "duckdb": duckdb_windows,
    "pandas": pandas,
    "polars": polars_over,
    "retentioneering": retentioneering,
    "pm4py": pm4py,
}


def _peak_mb() -> float:
    # Not ru_maxrss: that starts with what the parent had when it forked.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    peer, asked, *places = sys.argv[1:]
    started, row_count = PEERS[peer](asked, *map(Path, places))
    seconds = time.perf_counter() - started
    peak_mb = _peak_mb()
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb, "rows": row_count}))
