"""The files of ready-made questions, what is read from their heads, and what is asked wrongly."""

import re
from pathlib import Path

import pytest

from user_intel import files
from user_intel.errors import InputError
from user_intel.graph.asking import Asked, Known, ask
from user_intel.graph.connection import Graph
from user_intel.graph.questions import question, questions
from user_intel_tests.graph.wandering import DAYS


def test_an_empty_graph_names_the_next_command(embedded_graph: Graph) -> None:
    said = "holds no day yet. Next: user-intel run --from 2026-03-21 --to 2026-03-29 --select journey_graph"
    with pytest.raises(InputError, match=re.escape(said)):
        ask(embedded_graph, Asked("hubs"), Known(7, DAYS))


def test_too_few_words_show_how_the_question_is_asked() -> None:
    usage = "paths_after takes 1 to 2 arguments, found 0. Usage: user-intel graph paths_after STEP [DEPTH]. Example: "
    with pytest.raises(InputError, match=re.escape(usage + "user-intel graph paths_after /cart 3")):
        question("paths-after").read([])
    with pytest.raises(InputError, match="depth is a whole number from 1 to 4, found 'nine'"):
        question("paths_after").read(["/cart", "nine"])
    with pytest.raises(InputError, match=r"There is no question 'path_after'\. Did you mean paths_after or"):
        question("path_after")


def test_a_head_that_is_not_as_described_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = files.cypher("questions/paths_after")
    folder = tmp_path / "cypher" / "questions"
    folder.mkdir(parents=True)
    monkeypatch.setattr(files, "ROOT", tmp_path)
    for wrong in (
        good.replace("// limit: 20\n", ""),
        good.replace("(number,", "(numeral,"),
        good.replace(", e.g. /cart", ""),
        good.replace("// from: chains", "// from: everywhere"),
    ):
        (folder / "wrong.cypher").write_text(wrong, encoding="utf-8")
        questions.cache_clear()
        with pytest.raises(ValueError, match=re.escape("wrong.cypher")):
            questions()
    (folder / "wrong.cypher").write_text(good, encoding="utf-8")
    questions.cache_clear()
    assert list(questions()) == ["wrong"]
    monkeypatch.undo()
    questions.cache_clear()


def test_words_for_one_server_alone_are_taken_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = files.cypher("questions/hubs")
    folder = tmp_path / "cypher" / "questions"
    folder.mkdir(parents=True)
    for flavour in ("neo4j", "embedded"):
        (folder / f"two.{flavour}.cypher").write_text(f"{good}// {flavour}\n", encoding="utf-8")
    monkeypatch.setattr(files, "ROOT", tmp_path)
    questions.cache_clear()
    assert question("two").cypher("neo4j").endswith("// neo4j\n")
    assert question("two").cypher("embedded").endswith("// embedded\n")
    monkeypatch.undo()
    questions.cache_clear()
