"""`page_ranks` beside slower ways to the same numbers: a dense solve, every simple path tried, communities planted."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel.graph.page_ranks import Rank, ranks, ways, write_page_ranks
from user_intel.product import Product
from user_intel_tests.detect.hand_made import DAY, Session, before, new_lake, rows, write, write_rows

Edges = Mapping[tuple[str, str], int]
SHOP: Edges = {
    ("/home", "/item"): 6, ("/item", "/home"): 2, ("/item", "/cart"): 3, ("/cart", "/item"): 1, ("/cart", "paid"): 2,
    ("/home", "/help"): 1, ("/help", "/cart"): 1, ("/home", "/cart"): 2, ("/about", "/home"): 4,
}  # fmt: skip
# Few different sessions a pair, so that ways of equal length are common.
EDGES = st.dictionaries(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")), st.integers(1, 6), min_size=1
)


def by_step(edges: Edges, *lonely: str, most_sources: int = 500) -> dict[str, Rank]:
    return {rank.step: rank for rank in ranks(ways(edges, lonely), most_sources)}


def solved_pagerank(edges: Edges, steps: list[str]) -> dict[str, float]:
    """The stationary share of a visitor who goes on with 0.85, else (and from dead ends) to any step at random."""
    many = len(steps)
    going = np.zeros((many, many))
    for (a, b), sessions in edges.items():
        if a != b:
            going[steps.index(a), steps.index(b)] = sessions
    leaving = going.sum(axis=1, keepdims=True)
    going = np.where(leaving > 0, going / np.where(leaving > 0, leaving, 1), 1 / many)
    found = np.linalg.solve(np.eye(many) - 0.85 * going.T, np.full(many, 0.15 / many))
    return dict(zip(steps, found, strict=True))


def tried_betweenness(edges: Edges, steps: list[str]) -> dict[str, float]:
    """Of every ordered pair of steps the share of its shortest simple ways that lead over each other step."""
    shares = dict.fromkeys(steps, Fraction(0))
    lengths = {pair: Fraction(1, sessions) for pair, sessions in edges.items() if pair[0] != pair[1]}

    def walks(way: tuple[str, ...], end: str, length: Fraction) -> list[tuple[Fraction, tuple[str, ...]]]:
        if way[-1] == end:
            return [(length, way)]
        onward = [b for a, b in lengths if a == way[-1] and b not in way]
        return [walk for b in onward for walk in walks((*way, b), end, length + lengths[way[-1], b])]

    for begin, end in permutations(steps, 2):
        found = walks((begin,), end, Fraction(0))
        shortest = [way for length, way in found if length == min(found)[0]]
        for way in shortest:
            for step in way[1:-1]:
                shares[step] += Fraction(1, len(shortest))
    pairs = (len(steps) - 1) * (len(steps) - 2)
    return {step: float(share / pairs) if pairs > 0 else 0.0 for step, share in shares.items()}


@settings(max_examples=60, deadline=None)
@given(edges=EDGES)
def test_pagerank_and_betweenness_are_what_slower_methods_find(edges: Edges) -> None:
    found = by_step(edges)
    steps = sorted(found)
    assert {step: rank.pagerank for step, rank in found.items()} == pytest.approx(solved_pagerank(edges, steps))
    assert {step: rank.betweenness for step, rank in found.items()} == pytest.approx(tried_betweenness(edges, steps))


@settings(max_examples=40, deadline=None)
@given(edges=EDGES, seed=st.integers(0, 100))
def test_ranks_sum_to_one_and_do_not_depend_on_the_order_of_edges(edges: Edges, seed: int) -> None:
    shuffled = list(edges.items())
    random.Random(seed).shuffle(shuffled)
    found = ranks(ways(edges, ["lonely"]))
    assert found == ranks(ways(dict(shuffled), ["lonely"]))
    assert sum(rank.pagerank for rank in found) == pytest.approx(1)
    sizes = [sum(rank.community == number for rank in found) for number in range(1, len(found) + 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == len(found)


def test_planted_communities_are_found_numbered_by_size_and_called_after_their_hub() -> None:
    shops = {f"/shop/{n}": "/shop/0" for n in range(1, 7)}
    docs = {f"/docs/{n}": "/docs/0" for n in range(1, 5)}
    admin = {f"/admin/{n}": "/admin/0" for n in range(1, 4)}
    edges = {pair: 20 for step, hub in {**shops, **docs, **admin}.items() for pair in ((step, hub), (hub, step))}
    edges |= {("/shop/3", "/docs/0"): 1, ("/docs/2", "/admin/1"): 1, ("/admin/2", "/shop/1"): 1}
    found = by_step(edges, "/lonely")
    assert {(rank.community, rank.community_name, step.split("/")[1]) for step, rank in found.items()} == {
        (1, "/shop/0", "shop"), (2, "/docs/0", "docs"), (3, "/admin/0", "admin"), (4, "/lonely", "lonely"),
    }  # fmt: skip


def test_a_sample_of_sources_is_said_and_is_near_the_truth() -> None:
    dice = random.Random(5)
    edges = {(f"/{dice.randrange(9)}", f"/{dice.randrange(60)}"): dice.randint(1, 50) for _ in range(300)}
    edges |= {(b, a): dice.randint(1, 50) for a, b in edges}
    exact, sampled = by_step(edges), by_step(edges, most_sources=40)
    assert {rank.betweenness_sources for rank in exact.values()} == {len(exact)}
    assert {rank.betweenness_sources for rank in sampled.values()} == {40}
    most = max(exact, key=lambda step: exact[step].betweenness)
    assert sampled[most].betweenness == pytest.approx(exact[most].betweenness, rel=0.25)
    assert max(abs(sampled[step].betweenness - rank.betweenness) for step, rank in exact.items()) < 0.05


def test_another_process_finds_the_same_to_the_last_bit() -> None:
    program = (
        "import json, sys; from dataclasses import asdict; from user_intel.graph.page_ranks import ranks, ways\n"
        "edges = {(a, b): n for a, b, n in json.load(sys.stdin)}\n"
        "print(json.dumps([asdict(rank) for rank in ranks(ways(edges))]))"
    )
    edges = {(f"/{a}", f"/{b}"): 1 + a * b % 5 for a in range(12) for b in range(12) if (a + b) % 3}
    told = json.dumps([(a, b, sessions) for (a, b), sessions in edges.items()])
    environment = {**os.environ, "PYTHONHASHSEED": "4"}
    answer = subprocess.run([sys.executable, "-c", program], input=told, env=environment, check=True,
                            capture_output=True, text=True).stdout  # fmt: skip
    assert json.loads(answer) == [asdict(rank) for rank in ranks(ways(edges))]


@pytest.mark.parametrize(
    ("edges", "lonely"), [({}, ()), ({}, ("/only",)), ({("/a", "/a"): 3}, ()), ({("/a", "/b"): 1}, ())]
)
def test_the_smallest_graphs_have_ranks_too(edges: Edges, lonely: tuple[str, ...]) -> None:
    found = by_step(edges, *lonely)
    assert all(rank.betweenness == 0 for rank in found.values())
    assert sum(rank.pagerank for rank in found.values()) == pytest.approx(1 if found else 0)


def test_a_day_is_written_of_the_window_that_ends_there(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, Product())
    long_ago, earlier = before(7), before(6)
    write(lake, long_ago, [Session("/old /home")])
    write(lake, earlier, [Session("/home /item /home /item paid"), Session("/help")])
    write(lake, DAY, [Session("/home /item"), Session('/item \'odd\n"step"' + "x" * 4_000)])
    for day, pairs in {
        long_ago: {("/old", "/home"): (1, 1)},
        earlier: {("/home", "/item"): (1, 2), ("/item", "/home"): (1, 1), ("/item", "paid"): (1, 1)},
        DAY: {("/home", "/item"): (1, 1)},
    }.items():
        write_rows(lake, "transitions", day, [
            {"day": day, "from_step": a, "to_step": b, "sessions": sessions, "users": 1, "count": count}
            for (a, b), (sessions, count) in pairs.items()
        ])  # fmt: skip
    told = write_page_ranks(lake, Product(), DAY)
    found = {row["step"]: row for row in rows(lake, "page_ranks")}
    measures = ("visits", "entries", "exits", "steps_before", "steps_after")
    assert [found["/home"][name] for name in measures] == [3, 2, 0, 1, 1]
    assert [found["/item"][name] for name in measures] == [4, 1, 1, 1, 2]
    assert [found["/help"][name] for name in measures] == [1, 1, 1, 0, 0]
    assert "/old" not in found
    expected = ranks(ways({("/home", "/item"): 2, ("/item", "/home"): 1, ("/item", "paid"): 1}, list(found)))
    assert {name: row["pagerank"] for name, row in found.items()} == {rank.step: rank.pagerank for rank in expected}
    assert (told.days, told.steps, told.top[0].step) == (2, len(found), "/item")
    assert told.communities[0][1] == 3


def test_a_day_without_sessions_has_no_ranks(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, Product())
    told = write_page_ranks(lake, Product(), DAY)
    assert rows(lake, "page_ranks") == []
    assert (told.days, told.steps, told.top, told.communities) == (0, 0, (), ())
