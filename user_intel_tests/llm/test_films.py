"""Videos for Gemini: uploaded, waited for, watched, deleted; with the real SDK, over a real socket."""

import hashlib
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from user_intel.errors import BudgetError, LLMError, ModelAway, ModelRefused
from user_intel.llm.asks import Ask, Film
from user_intel.llm.ledger import Budget
from user_intel.llm.models import open_models
from user_intel.llm.patience import Patience
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import DAY, GOOD, STORY, Story, models, settings
from user_intel_tests.llm.gemini_api import camel
from user_intel_tests.llm.stand_ins import MODEL, Fails, Hangs, Says, StandIn

GEMINI = f"gemini:{MODEL}"
SOON = Patience(read_s=5, tries=3, first_wait_s=0.02, longest_wait_s=0.05, film_ready_s=10, film_look_s=0.02)


def film(path: Path, seconds: float) -> Film:
    """The MP4 file at `path`, known by its bytes."""
    return Film(path, hashlib.sha256(path.read_bytes()).hexdigest(), seconds)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 4_000)
    return path


def watching(clip: Path, **more: object) -> Ask:
    return Ask("video", "You watch.", "What confuses the user?", Story, 400, film=film(clip, 30.0), **more)  # type: ignore[arg-type]


def test_a_video_is_uploaded_waited_for_watched_and_deleted(apis: StandIn, tmp_path: Path, clip: Path) -> None:
    apis.store.looks = 3
    with models(tmp_path, apis, GEMINI, SOON) as opened:
        answer = opened.ask(watching(clip))
        again = opened.ask(watching(clip))
    assert answer.value == again.value == STORY
    assert again.from_cache
    (received,) = apis.store.received.values()
    assert received == clip.read_bytes()
    assert apis.store.files == {}
    assert len(apis.store.deleted) == 1
    part, text = camel(apis.asked[0].body["contents"])[0]["parts"]
    assert part["fileData"]["mimeType"] == "video/mp4"
    assert part["fileData"]["fileUri"].startswith(f"{apis.url}/v1/files/user-intel-")
    assert text["text"] == "What confuses the user?"


def test_a_second_opinion_is_another_question_and_so_is_another_film(apis: StandIn, tmp_path: Path, clip: Path) -> None:
    with models(tmp_path, apis, GEMINI, SOON) as opened:
        opened.ask(watching(clip))
        opened.ask(watching(clip, again=1))
        clip.write_bytes(clip.read_bytes() + b"more")
        opened.ask(watching(clip))
    assert len(apis.asked) == 3
    assert len(set(apis.store.deleted)) == 3


def test_a_fault_while_watching_does_not_upload_again(apis: StandIn, tmp_path: Path, clip: Path) -> None:
    apis.play(Fails(500), Fails(503))
    with models(tmp_path, apis, GEMINI, SOON) as opened:
        assert opened.ask(watching(clip)).value == STORY
    uploads = [request for request in apis.requests if "upload_id" in request.path]
    assert len(uploads) == 1
    assert apis.store.files == {}


@pytest.mark.parametrize("step", ["start", "get", "delete"])
def test_a_fault_of_the_files_api_is_got_over(apis: StandIn, tmp_path: Path, clip: Path, step: str) -> None:
    apis.play_on(step, Fails(503))  # type: ignore[arg-type]
    with models(tmp_path, apis, GEMINI, SOON) as opened:
        assert opened.ask(watching(clip)).value == STORY
    assert apis.store.files == {} or step == "delete"


def test_a_video_that_cannot_be_processed_is_told_and_deleted(apis: StandIn, tmp_path: Path, clip: Path) -> None:
    apis.store.outcome = "FAILED"
    with models(tmp_path, apis, GEMINI, SOON) as opened, pytest.raises(LLMError, match="could not process the video"):
        opened.ask(watching(clip))
    assert not apis.asked
    assert apis.store.files == {}


def test_a_video_that_is_never_ready_is_left_in_time(apis: StandIn, tmp_path: Path, clip: Path) -> None:
    apis.store.looks, hasty = 10_000, replace(SOON, film_ready_s=0.1)
    with models(tmp_path, apis, GEMINI, hasty) as opened, pytest.raises(ModelAway, match="has not processed the video"):
        opened.ask(watching(clip))
    assert apis.store.files == {}
    assert opened.spent.calls == 0


def test_a_blocked_video_is_a_refusal_and_deleted(apis: StandIn, tmp_path: Path, clip: Path) -> None:
    apis.play(Says("", end="filtered"))
    with models(tmp_path, apis, GEMINI, SOON) as opened, pytest.raises(ModelRefused, match="PROHIBITED_CONTENT"):
        opened.ask(watching(clip))
    assert apis.store.files == {}


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
def test_other_providers_say_that_they_watch_nothing(apis: StandIn, tmp_path: Path, clip: Path, provider: str) -> None:
    with (
        models(tmp_path, apis, f"{provider}:{MODEL}", SOON) as opened,
        pytest.raises(LLMError, match="watches no videos; name a gemini model"),
    ):
        opened.ask(watching(clip))
    assert not apis.requests


def test_watching_has_a_budget_of_its_own_that_knows_how_long_a_film_is(tmp_path: Path, clip: Path) -> None:
    own = Budget("watch", 0.1, 5, "THE_BUDGET", "THE_CALLS")
    with stand_ins.running(lambda _: Says(GOOD), models={"gemini-2.5-pro"}) as apis:
        chosen = settings(tmp_path, apis, "offline")
        with open_models(chosen, day=DAY, llm="gemini:gemini-2.5-pro", budget=own, patience=SOON) as opened:
            opened.ask(watching(clip))
            # Ten minutes are up to 600 * 320 tokens at 1.25 $ a million: 24 cents.
            long = Ask("video", "", "", Story, 400, film=film(clip, 600.0))
            with pytest.raises(BudgetError, match=r"of \$0\.10 are spent \(THE_BUDGET\)"):
                opened.ask(long)
    assert (tmp_path / "llm" / "spent" / "watch" / "2026-11-20.json").exists()


_WATCHER = """
import sys
from user_intel_tests.llm.test_films import *
home, url = sys.argv[1:]
with models(Path(home), url, GEMINI, SOON) as opened:
    opened.ask(watching(Path(home) / "clip.mp4"))
"""


def test_what_a_killed_run_uploaded_is_used_and_deleted_by_the_next(tmp_path: Path, clip: Path) -> None:
    asked = threading.Event()

    def hang(_: object) -> stand_ins.Move:
        asked.set()
        return Hangs(5)

    with stand_ins.running(hang) as apis:
        with subprocess.Popen([sys.executable, "-c", _WATCHER, str(tmp_path), apis.url]) as victim:
            try:
                assert asked.wait(20)
            finally:
                victim.kill()
        assert len(apis.store.files) == 1
        apis.answers = lambda _: Says(GOOD)
        with models(tmp_path, apis, GEMINI, SOON) as opened:
            assert opened.ask(watching(clip)).value == STORY
        assert sum("upload_id" in request.path for request in apis.requests) == 1
        assert apis.store.files == {}
