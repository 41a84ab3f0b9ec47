"""One measurement of a peer of detect, run by the peers' own Python: `python peer_detect.py PEER TABLE HOME`.

What an analyst would write over the lake's Parquet files: the figures of each table for everybody and for every value
of the two segment properties, without history, tests or merging. Imports nothing of user_intel. Prints one line of JSON
as `ours.py` does.
"""

# mypy: ignore-errors
import json
import sys
import time
from pathlib import Path

FLOW = ["/step/0", "/step/1", "/step/2", "/checkout", "order_completed"]
FEATURES = ["search_used", "export_used", "invite_sent", "item_shared"]
SEGMENTS = ["plan", "device_type"]


def pandas(table, home):
    import pandas as pd

    begun = time.perf_counter()
    if table == "frustration_signals":
        return begun, len(_signals(pd, home))
    steps = _read(pd, home, "steps", ["session_id", "user_id", "position", "step", "entered_at", "dwell_s"])
    sessions = _read(pd, home, "sessions", ["session_id", *SEGMENTS])
    steps = steps.merge(sessions, on="session_id").sort_values(["session_id", "position"], ignore_index=True)
    asked = _PANDAS.values() if table == "window" else [_PANDAS[table]]
    return begun, sum(len(answer(pd, steps)) for answer in asked)


def _read(pd, home, table, columns):
    return pd.concat([pd.read_parquet(path, columns=columns) for path in _days(home, table)], ignore_index=True)


def _days(home, table):
    return sorted((home / "lake" / table).glob("day=*/data.parquet"))


def _by_segment(pd, frame, by, answer):
    """`answer` of the groups of everybody, and of every value of each segment property."""
    found = [answer(frame.groupby(by, observed=True)).assign(segment="all")]
    for name in SEGMENTS:
        rows = answer(frame.groupby([*by, name], observed=True)).reset_index(name)
        found.append(rows.assign(segment=name + "=" + rows.pop(name)))
    return pd.concat(found)


def _drop_offs(pd, steps):
    steps["exited"] = steps["session_id"] != steps["session_id"].shift(-1)
    arrivals = _by_segment(pd, steps, ["step"], lambda rows: rows.agg(arrivals=("session_id", "nunique")))
    left = steps[steps["exited"]]
    exits = _by_segment(
        pd, left, ["step"], lambda rows: rows.agg(exits=("session_id", "size"), users=("user_id", "nunique"))
    )
    both = arrivals.merge(exits, on=["step", "segment"], how="left").fillna(0)
    return both.assign(exit_rate=both["exits"] / both["arrivals"])


def _loops(pd, steps):
    by_session = steps.groupby("session_id", sort=False)["step"]
    ahead = [by_session.shift(-n) for n in range(1, 5)]
    here = steps["step"]
    found = steps[(here == ahead[1]) & (here == ahead[3]) & (ahead[0] == ahead[2])].copy()
    pair = pd.concat([found["step"], ahead[0][found.index]], axis=1)
    found["first"], found["second"] = pair.min(axis=1), pair.max(axis=1)
    found["reached"] = found["session_id"].isin(steps.loc[here == FLOW[-1], "session_id"])
    return _by_segment(
        pd,
        found.drop_duplicates(["session_id", "first", "second"]),
        ["first", "second"],
        lambda rows: rows.agg(
            sessions=("session_id", "nunique"), users=("user_id", "nunique"), goal_rate=("reached", "mean")
        ),
    )


def _slow_steps(pd, steps):
    steps["reached"] = steps["session_id"].isin(steps.loc[steps["step"] == FLOW[-1], "session_id"])
    timed = steps.dropna(subset=["dwell_s"])
    times = _by_segment(pd, timed, ["step"], lambda rows: rows["dwell_s"].quantile([0.5, 0.9]).unstack())
    told = _by_segment(
        pd,
        timed,
        ["step"],
        lambda rows: rows.agg(
            visits=("dwell_s", "size"), users=("user_id", "nunique"), completion_rate=("reached", "mean")
        ),
    )
    return times.merge(told, on=["step", "segment"])


def _underused_features(pd, steps):
    previous = steps["step"].shift().where(steps["session_id"] == steps["session_id"].shift())
    found = []
    for feature in FEATURES:
        uses = steps["step"] == feature
        shares = previous[uses].value_counts(normalize=True)
        homes = shares.index[shares.cumsum().shift(fill_value=0) < 0.8]
        could = steps.loc[steps["step"].isin(homes) | uses, ["session_id", "user_id", *SEGMENTS]].drop_duplicates()
        could["uses"] = could["session_id"].isin(steps.loc[uses, "session_id"])
        for name in ["all", *SEGMENTS]:
            keys = ["user_id"] if name == "all" else [name, "user_id"]
            by_user = could.groupby(keys, observed=True)["uses"].sum().reset_index()
            groups = by_user.assign(all="") if name == "all" else by_user
            found.append(groups.groupby(name)["uses"].agg(["size", lambda n: (n > 0).sum(), lambda n: (n > 1).sum()]))
    return pd.concat(found)


def _funnels(pd, steps):
    reached, counts = None, []
    for step in FLOW:
        rows = steps[steps["step"] == step]
        if reached is not None:
            rows = rows[rows["position"] > rows["session_id"].map(reached)]
        first = rows.drop_duplicates("session_id")
        reached = first.set_index("session_id")["position"]
        everybody = pd.Series({"all": len(first)})
        counts.append(pd.concat([everybody, *(first[name].value_counts() for name in SEGMENTS)]).rename(step))
    return pd.concat(counts, axis=1)


def _signals(pd, home):
    """All six signals of the last day, as their first rule of thumb has them."""
    columns = ["session_id", "user_id", "at", "event", "page", "element", "properties"]
    events = pd.read_parquet(_days(home, "events")[-1], columns=columns)
    kind = events["properties"].str.extract(r'"\$event_type":"(\w+)"', expand=False)
    clicks = events[(events["event"] == "$autocapture") & (kind == "click")]
    clicks = clicks.sort_values(["session_id", "page", "element", "at"])
    fourth = clicks.groupby(["session_id", "page", "element"])["at"].shift(3)
    rage = clicks[(clicks["at"] - fourth) <= pd.Timedelta("1s")]
    rage = rage.drop_duplicates(["session_id", "page", "element"]).assign(signal="rage_click")
    dead = events[events["event"] == "$dead_click"].assign(signal="dead_click")
    touched = events[kind == "change"].drop_duplicates(["session_id", "page"])
    sent = events.loc[kind == "submit", ["session_id", "page"]].drop_duplicates()
    forms = touched.merge(sent, on=["session_id", "page"], how="left", indicator="sent")
    forms = forms[forms["sent"] == "left_only"].assign(signal="form_abandonment")
    errors = events.loc[events["event"] == "$exception", ["session_id", "at"]].sort_values("at")
    followed = pd.merge_asof(
        clicks.sort_values("at"), errors.assign(error_at=errors["at"]), on="at", by="session_id", direction="forward",
        tolerance=pd.Timedelta("1s"),
    ).dropna(subset=["error_at"])  # fmt: skip
    return pd.concat([rage, dead, forms, followed.assign(signal="error_click"), *_signals_of_steps(pd, home)])


def _signals_of_steps(pd, home):
    columns = ["session_id", "user_id", "step", "entered_at", "dwell_s", "next_step"]
    steps = pd.read_parquet(_days(home, "steps")[-1], columns=columns)
    sessions = pd.read_parquet(_days(home, "sessions")[-1], columns=["session_id", "ended_at"])
    came_from = steps["step"].shift().where(steps["session_id"] == steps["session_id"].shift())
    turned = steps[(came_from == steps["next_step"]) & (steps["dwell_s"] < 10)]
    last = steps[steps["next_step"].isna() & (steps["step"] != FLOW[-1])].merge(sessions, on="session_id")
    stay_s = last["dwell_s"].fillna((last["ended_at"] - last["entered_at"]).dt.total_seconds())
    return turned.assign(signal="u_turn"), last[(stay_s > 0) & (stay_s <= 5)].assign(signal="rapid_exit")


_PANDAS = {
    "drop_offs": _drop_offs,
    "loops": _loops,
    "slow_steps": _slow_steps,
    "underused_features": _underused_features,
    "funnels": _funnels,
}


def retentioneering(table, home):
    import pandas as pd
    from retentioneering import Eventstream

    begun = time.perf_counter()
    frame = _read(pd, home, "steps", ["session_id", "step", "entered_at"])
    stream = Eventstream(
        frame.rename(columns={"entered_at": "timestamp", "step": "event"}), {"path_cols": ["session_id"]}
    )
    answers = {
        "funnels": lambda: stream.funnel_data(FLOW),
        "slow_steps": lambda: stream.transition_graph_data("time_median"),
    }
    return begun, len(answers[table]())


PEERS = {"pandas": pandas, "retentioneering": retentioneering}


def _peak_mb() -> float:
    # Not ru_maxrss: that starts with what the parent had when it forked.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    peer, asked, place = sys.argv[1:]
    started, row_count = PEERS[peer](asked, Path(place))
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_mb": _peak_mb(), "rows": row_count}))
