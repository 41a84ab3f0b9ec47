"""`user-intel replay render`, as a person calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from user_intel.settings import Settings
from user_intel.watch import tools
from user_intel_tests.watch.made_recordings import Page, click, event, meta, moves, snapshot, write

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "from user_intel.cli import main; main()"
    command = [sys.executable, "-c", program, "replay", "render", *map(str, arguments)]
    variables = {**os.environ, "USER_INTEL_HOME": str(folder), "COLUMNS": "200", **environment}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=variables, check=False)


def recording(folder: Path) -> Path:
    page = Page()
    document = page.document(page.element("button", "Pay"))
    unknown = event(77, 1, {})
    return write(
        folder / "made.json", [meta(), snapshot(document), unknown, moves(2, (0, 5, 5), node=2), click(9, 5, 5, 2)]
    )


def test_a_moment_is_rendered_and_told_of(tmp_path: Path) -> None:
    if missing := tools.missing(Settings(_env_file=None)):  # type: ignore[call-arg]
        if os.environ.get("CI") == "true":
            pytest.fail(" ".join(missing))
        pytest.skip(" ".join(missing))
    (tmp_path / "product.yaml").write_text("watch: {clip_margin_s: 2, clip_fps: 2, mask: {selectors: [.balance]}}\n")
    done = run(tmp_path, recording(tmp_path), tmp_path / "out.mp4", "--at", "8", "--mask", "all", "--selector", "#name")
    assert (done.returncode, done.stderr.strip()) == (0, "made.json: events of unknown types: 1")
    assert "out.mp4: session 00:06 to 00:09 at 1x" in done.stdout
    assert "4 events, 1 window(s), 2 of 9 s active, 1 idle stretch(es) skipped; text masked: all" in done.stdout
    assert (tmp_path / "out.mp4").read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["none.json", "out.mp4"], "none.json cannot be read: No such file", 2),
        (["made.json", "out.avi"], "must end with .mp4", 2),
        (["made.json", "nowhere/out.mp4"], "is no folder; make it first", 2),
        (["made.json", "out.mp4", "--at", "99"], "second 99 is not in the recording, which has seconds 0 to 9", 2),
        (["made.json", "out.mp4", "--selector", "a:hover"], "no selector that masking understands", 2),
        (["made.json", "out.mp4", "--overview", "--at", "3"], "give one of them", 2),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path, arguments: list[str], words: str, code: int) -> None:
    recording(tmp_path)
    done = run(tmp_path, *(tmp_path / name if name.endswith((".json", ".mp4", ".avi")) else name for name in arguments))
    assert done.returncode == code
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_without_ffmpeg_it_says_how_to_get_one_and_leaves_no_file(tmp_path: Path) -> None:
    done = run(tmp_path, recording(tmp_path), tmp_path / "out.mp4", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "apt-get install ffmpeg" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"made.json"}
