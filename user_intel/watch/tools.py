"""The programs that rendering needs, and which versions of them are here. For people: nothing decides by it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from user_intel.errors import PlayerError
from user_intel.watch.browser import chromium_path
from user_intel.watch.encoder import ffmpeg_path
from user_intel.watch.screen import rrweb_path

if TYPE_CHECKING:
    from user_intel.settings import Settings

_ANSWER_S: Final = 20


def versions(settings: Settings) -> list[str]:
    """Name and version of each program, tried out. Raises PlayerError for the first that is missing or does not run."""
    return [
        _told(chromium_path(settings), "--version"),
        _told(ffmpeg_path(settings), "-version"),
        f"rrweb {_rrweb_version(settings)}",
    ]


def missing(settings: Settings) -> list[str]:
    """For each program that is not there, what it is and how to get it."""
    return list(_missing(settings))


def _missing(settings: Settings) -> Iterator[str]:
    finders: tuple[Callable[[Settings], Path], ...] = (chromium_path, ffmpeg_path, rrweb_path)
    for find in finders:
        try:
            find(settings)
        except PlayerError as error:
            yield str(error)


def _told(program: Path, option: str) -> str:
    """The first words of what a program says of its version."""
    try:
        answer = subprocess.run(
            [program, option], capture_output=True, text=True, timeout=_ANSWER_S, stdin=subprocess.DEVNULL, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise PlayerError(f"{program} does not run: {type(error).__name__}. Is it for this machine?") from None
    return " ".join(answer.stdout.split("\n", 1)[0].replace(" version", "").split()[:2])


def _rrweb_version(settings: Settings) -> str:
    package = rrweb_path(settings).parents[1] / "package.json"
    return str(json.loads(package.read_text(encoding="utf-8"))["version"])
