"""From a pain point to clips and findings: chosen, fetched, drawn, read or watched by a stand-in of Gemini; once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from user_intel.forget import forget
from user_intel.lake import Lake
from user_intel.llm.patience import Patience
from user_intel.tables import catalogue
from user_intel.watch.choosing import choose
from user_intel.watch.clips import draw_day
from user_intel.watch.shelf import Shelf, drop_expired
from user_intel.watch.video_findings import find_day
from user_intel_tests.llm import stand_ins
from user_intel_tests.watch.watched_shop import DAY, NOW, PRODUCT, Shop, watched_shop

QUICK = Patience(film_look_s=0.05)

KILLED = """
import json, sys
from pathlib import Path
from user_intel.lake import Lake
from user_intel.settings import Settings
from user_intel.tables import catalogue
from user_intel.watch.clips import draw_day
from user_intel_tests.watch.watched_shop import DAY, NOW, PRODUCT
told = json.loads(sys.argv[1])
lake = Lake(Path(told["USER_INTEL_HOME"]), catalogue(PRODUCT))
draw_day(lake, PRODUCT, Settings(_env_file=None, **told), DAY, now=NOW, told=lambda words: print(words, flush=True))
"""


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with watched_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(scope="module")
def finished(extracted: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The home with its clips drawn."""
    there = in_a_copy(extracted, tmp_path_factory.mktemp("drawn"))
    draw_day(there.lake, PRODUCT, there.settings, DAY, now=NOW)
    return there


@pytest.fixture
def shop(extracted: Shop, tmp_path: Path) -> Shop:
    """A copy of the home for one test; the PostHog is everybody's."""
    extracted.posthog.clear()
    return in_a_copy(extracted, tmp_path)


@pytest.fixture
def drawn_shop(finished: Shop, tmp_path: Path) -> Shop:
    """The same with the clips drawn."""
    finished.posthog.clear()
    return in_a_copy(finished, tmp_path)


def in_a_copy(shop: Shop, folder: Path) -> Shop:
    home = folder / "home"
    shutil.copytree(shop.lake.home, home)
    return replace(shop, lake=Lake(home, catalogue(PRODUCT)), settings=shop.settings.model_copy(update={"home": home}))


def drawn(shop: Shop) -> list[dict[str, Any]]:
    draw_day(shop.lake, PRODUCT, shop.settings, DAY, now=NOW)
    return rows(shop, "replay_clips")


def rows(shop: Shop, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.lake.frame(table, [DAY]).collect().to_dicts()
    return found


def snapshots(shop: Shop) -> int:
    return len([each for each in shop.posthog.requests() if "/snapshots/" in each.path])


def seconds_of(path: Path) -> float:
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    return float(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


def test_sessions_that_met_the_problem_are_chosen_and_one_that_did_not(shop: Shop) -> None:
    chosen = choose(shop.lake, PRODUCT, DAY)
    signals = shop.lake.frame("frustration_signals", [DAY]).collect().to_dicts()
    raged = {
        row["session_id"]: row["at"] for row in signals if row["signal"] == "rage_click" and row["step"] == "/cart"
    }
    visits = shop.lake.frame("steps", [DAY]).collect().to_dicts()

    assert [each.met for each in chosen] == [True, True, False]
    for each in chosen:
        assert (each.session_id in raged) == each.met
        assert "/cart" in [row["step"] for row in visits if row["session_id"] == each.session_id]
    assert all(each.from_at == raged[each.session_id] for each in chosen[:2])
    assert len({each.user_id for each in chosen[:2]}) == 2
    assert choose(shop.lake, PRODUCT, DAY) == chosen
    gone = chosen[0].recording_id
    assert gone not in {each.recording_id for each in choose(shop.lake, PRODUCT, DAY, [gone])}


def test_a_moment_is_drawn_around_the_clicks_and_a_rerun_fetches_nothing(drawn_shop: Shop) -> None:
    clips = rows(drawn_shop, "replay_clips")

    assert [row["status"] for row in clips] == ["drawn"] * 3
    for row in clips:
        path = Shelf(drawn_shop.lake.home).root / row["file"]
        assert path.stat().st_size == row["bytes"]
        assert seconds_of(path) == pytest.approx(row["video_s"], abs=1.0)
        assert row["from_s"] <= row["moment_s"] <= row["to_s"]
        assert not row["provisional"]
    for row in clips[:2]:
        rages = [sign for sign in json.loads(row["signs"]) if sign["signal"] == "rage_click"]
        assert {sign["element"] for sign in rages} == {'"Apply coupon"'}
        assert any(row["from_s"] <= sign["from_s"] <= row["to_s"] for sign in rages)
    assert drawn(drawn_shop) == clips
    assert snapshots(drawn_shop) == 0


def test_the_local_reader_tells_what_the_events_show_at_its_step(drawn_shop: Shop) -> None:
    seen = find_day(drawn_shop.lake, PRODUCT, drawn_shop.settings, DAY)
    found = rows(drawn_shop, "video_findings")
    raged = [row for row in found if row["signal"] == "rage_click"]

    assert seen.calls == 0
    assert {(row["provider"], row["model"]) for row in found} == {("local", "local_reader")}
    assert {row["session_id"] for row in raged} == {
        row["session_id"] for row in rows(drawn_shop, "replay_clips") if row["met"]
    }
    assert {(row["step"], row["kind"]) for row in raged} == {("/cart", "frustration")}
    assert all(row["description"].startswith('Hammers on "Apply coupon": 5 clicks within 0.6 s.') for row in raged)
    assert all(row["url"].startswith(drawn_shop.posthog.url) and "?t=" in row["url"] for row in found)
    assert all(row["grounded"] for row in found)


def test_gemini_watches_the_clips_and_what_the_events_do_not_bear_out_is_refused(drawn_shop: Shop) -> None:
    def seen(kind: str, words: str, from_s: float = 1.0, clicks: int = 0) -> dict[str, Any]:
        times = {"from_s": from_s, "to_s": from_s + 1.5}
        return {
            "kind": kind,
            **times,
            "what_was_seen": words,
            "suggestion": "Look at it.",
            "confidence": 0.7,
            "clicks": clicks,
        }

    said = [
        seen("frustration", "They click Apply coupon 5 times and nothing happens.", clicks=5),
        seen("frustration", "They click Apply coupon again and again.", clicks=40),
        seen("hesitation", "They wait at the end.", from_s=3_000.0),
        seen("confusion", "They see 17 errors."),
    ]
    with stand_ins.running(lambda _: stand_ins.Says(json.dumps({"findings": said, "inconclusive": False}))) as gemini:
        settings = drawn_shop.with_settings(
            gemini_api_key=SecretStr(stand_ins.KEY), gemini_base_url=gemini.url, video_model=stand_ins.MODEL
        )
        told = find_day(drawn_shop.lake, PRODUCT, settings, DAY, patience=QUICK)
        again = find_day(drawn_shop.lake, PRODUCT, settings, DAY, patience=QUICK)
    found = [row for row in rows(drawn_shop, "video_findings") if row["met"]]
    shown = [row for row in found if row["grounded"]]

    # Three clips, asked a second time where something critical was borne out.
    assert told.calls == 5
    assert (again.calls, again.cache_hits) == (0, 5)
    assert {(row["kind"], row["agreement"], row["provider"]) for row in shown} == {("frustration", 1.0, "gemini")}
    reasons = {row["refused_because"].partition(":")[0].partition(" where")[0] for row in found if not row["grounded"]}
    assert reasons == {"it counts 40 clicks", "it lies outside the clip", "it says a number that nothing bears out"}
    # The film and the words: nothing of who it is, nothing of what was typed, leaves.
    sent = b"\n".join(request.raw + request.path.encode() for request in gemini.requests)
    people = rows(drawn_shop, "replay_clips")
    secrets = [row[name] for row in people for name in ("session_id", "user_id", "recording_id")]
    assert len(sent) > 10_000
    assert not [each for each in (*secrets, "@example.com", "4111", "user-r-", "Lovelace") if each.encode() in sent]
    clips = {row["session_id"]: row for row in rows(drawn_shop, "replay_clips")}
    assert all(row["from_s"] == pytest.approx(clips[row["session_id"]]["from_s"] + 1.0, abs=0.01) for row in shown)


def test_a_model_that_is_away_leaves_the_clips_to_the_local_reader(drawn_shop: Shop) -> None:
    with stand_ins.running() as gemini:
        gemini.play(*[stand_ins.Fails(404)] * 9)
        settings = drawn_shop.with_settings(
            gemini_api_key=SecretStr(stand_ins.KEY), gemini_base_url=gemini.url, video_model="gemini-none"
        )
        told = find_day(drawn_shop.lake, PRODUCT, settings, DAY, patience=QUICK)

    assert len(told.left_to_local) == 3
    assert "gemini-none" in told.left_to_local[0]
    assert {row["provider"] for row in rows(drawn_shop, "video_findings")} == {"local"}


def test_one_recording_that_is_gone_takes_nothing_from_the_others(shop: Shop) -> None:
    shop.posthog.play("410", match="/snapshots")
    clips = drawn(shop)
    asked = snapshots(shop)

    assert sorted(row["status"] for row in clips) == ["drawn", "drawn", "gone"]
    assert drawn(shop) == clips
    assert snapshots(shop) == asked


def test_without_a_browser_recordings_are_read_and_the_row_says_why(shop: Shop) -> None:
    settings = shop.with_settings(chromium=Path("/nowhere/chromium"))
    draw_day(shop.lake, PRODUCT, settings, DAY, now=NOW)
    clips = rows(shop, "replay_clips")

    assert {(row["status"], row["file"]) for row in clips} == {("not_drawn", None)}
    assert all("hromium" in row["reason"] for row in clips)
    find_day(shop.lake, PRODUCT, settings, DAY)
    assert [row for row in rows(shop, "video_findings") if row["signal"] == "rage_click"]
    assert {row["status"] for row in drawn(shop)} == {"drawn"}


def test_a_killed_run_leaves_no_process_and_no_half_file_and_the_next_goes_on(shop: Shop) -> None:
    settings = {
        "USER_INTEL_HOME": str(shop.lake.home), "POSTHOG_HOST": shop.posthog.url,
        "POSTHOG_PROJECT_ID": shop.posthog.project_id, "POSTHOG_API_KEY": shop.posthog.api_key,
        "POSTHOG_PLAN": "self_hosted",
    }  # fmt: skip
    command = [sys.executable, "-c", KILLED, json.dumps(settings)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, start_new_session=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("recording 2"):
                break
        os.kill(child.pid, signal.SIGKILL)
    folder = Shelf(shop.lake.home).root / DAY.isoformat()
    for _ in range(100):
        if not offspring(shop.lake.home):
            break
        time.sleep(0.1)
    done = sorted(path.name for path in folder.glob("*"))

    assert offspring(shop.lake.home) == []
    assert {Path(name).suffix for name in done} <= {".mp4", ".json"}
    assert all(seconds_of(path) > 0 for path in folder.glob("*.mp4"))
    clips = drawn(shop)
    assert [row["status"] for row in clips] == ["drawn"] * 3
    assert len(list(folder.glob("*"))) == 6


def offspring(home: Path) -> list[str]:
    """Processes that name the home, or draw for it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(home) in words and int(path.parent.name) != os.getpid():
            found.append(words)
    return found


def test_clips_go_with_a_forgotten_person_and_when_their_time_is_over(drawn_shop: Shop) -> None:
    clips = rows(drawn_shop, "replay_clips")
    find_day(drawn_shop.lake, PRODUCT, drawn_shop.settings, DAY)
    person = clips[0]["user_id"]
    theirs = {row["clip_id"] for row in clips if row["user_id"] == person}
    forget(person, drawn_shop.lake, b"a salt for tests only")
    left = rows(drawn_shop, "replay_clips")
    names = {path.name.partition(".")[0] for path in (Shelf(drawn_shop.lake.home).root / DAY.isoformat()).glob("*")}

    assert {row["clip_id"] for row in left} == names == {row["clip_id"] for row in clips} - theirs
    assert person not in {row["user_id"] for row in rows(drawn_shop, "video_findings")}
    assert drop_expired(drawn_shop.lake, 28, NOW.date()) == [DAY]
    assert Shelf(drawn_shop.lake.home).days() == []
