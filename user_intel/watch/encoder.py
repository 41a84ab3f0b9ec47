"""JPEG pictures into an mp4 (H.264), by ffmpeg. The file appears whole under its name, or not at all.

ffmpeg writes into a file without a name. When this process is killed ffmpeg finds its input ended and ends too, and
what it wrote vanishes with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from user_intel.errors import PlayerError

if TYPE_CHECKING:
    from user_intel.settings import Settings

_HOW_TO_GET_FFMPEG: Final = "`apt-get install ffmpeg` gives one, or set USER_INTEL_FFMPEG to its path."
_QUALITY: Final = ("-preset", "superfast", "-crf", "25")
_FINISH_S: Final = 600


def ffmpeg_path(settings: Settings) -> Path:
    """The ffmpeg to use. Raises PlayerError that says how to get one where there is none."""
    if settings.ffmpeg is not None:
        if not os.access(settings.ffmpeg, os.X_OK):
            raise PlayerError(f"USER_INTEL_FFMPEG names {settings.ffmpeg}, which is no program that can be run.")
        return settings.ffmpeg
    found = shutil.which("ffmpeg")
    if found is None:
        raise PlayerError(f"ffmpeg, which encodes videos, is not installed. {_HOW_TO_GET_FFMPEG}")
    return Path(found)


class Encoder:
    """One video being written; a context manager. `finish` puts it in place; without that nothing is left.

    Raises PlayerError when ffmpeg fails, with its own last words.
    """

    def __init__(self, ffmpeg: Path, out: Path, fps: int) -> None:
        self._out = out
        self._file = _nameless_file(out.parent)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
        self._ffmpeg = self._started(ffmpeg, fps)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._ffmpeg.poll() is None:
            self._ffmpeg.kill()
        self._ffmpeg.wait()
        if self._ffmpeg.stdin is not None:
            with suppress(BrokenPipeError):
                self._ffmpeg.stdin.close()
        os.close(self._file)
        self._complaints.close()

    def write(self, jpeg: bytes) -> None:
        """Adds one frame."""
        assert self._ffmpeg.stdin is not None  # noqa: S101
        try:
            self._ffmpeg.stdin.write(jpeg)
        except BrokenPipeError:
            raise self._failure() from None

    def finish(self) -> int:
        """Ends the video and puts it under its name, in one step; its size in bytes."""
        assert self._ffmpeg.stdin is not None  # noqa: S101
        try:
            self._ffmpeg.stdin.close()
        except BrokenPipeError:
            raise self._failure() from None
        try:
            code = self._ffmpeg.wait(_FINISH_S)
        except subprocess.TimeoutExpired:
            raise PlayerError(f"ffmpeg did not finish {self._out.name} within {_FINISH_S} s.") from None
        size = os.fstat(self._file).st_size
        if code != 0 or size == 0:
            raise self._failure()
        os.fsync(self._file)
        _name(self._file, self._out)
        return size

    def _started(self, ffmpeg: Path, fps: int) -> subprocess.Popen[bytes]:
        command = [
            str(ffmpeg), "-hide_banner", "-loglevel", "error", "-y",
            "-f", "image2pipe", "-c:v", "mjpeg", "-framerate", str(fps), "-i", "pipe:0",
            "-an", "-vf", "scale=out_range=tv", "-c:v", "libx264", *_QUALITY, "-pix_fmt", "yuv420p",
            "-color_range", "tv", "-movflags", "+faststart", "-fflags", "+bitexact", "-flags", "+bitexact",
            "-f", "mp4", f"/dev/fd/{self._file}",
        ]  # fmt: skip
        try:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._complaints,
                pass_fds=(self._file,), env={},
            )  # fmt: skip
        except OSError as error:
            os.close(self._file)
            self._complaints.close()
            raise PlayerError(f"{ffmpeg} does not start: {error.strerror}. {_HOW_TO_GET_FFMPEG}") from None

    def _failure(self) -> PlayerError:
        self._ffmpeg.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        words = lines[-1] if lines else f"it ended with code {self._ffmpeg.returncode} and said nothing"
        return PlayerError(f"ffmpeg could not encode {self._out.name}: {words}.")


def _nameless_file(folder: Path) -> int:
    """An open file in `folder` that has no name, so that it is gone when nobody has it open any more."""
    try:
        if hasattr(os, "O_TMPFILE"):
            return os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    except OSError as error:
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise PlayerError(f"{folder} cannot be written: {error.strerror}.") from None
    # Some file systems know no nameless files: there it loses its name at once.
    handle, name = tempfile.mkstemp(dir=folder, prefix=".video.")
    Path(name).unlink()
    return handle


def _name(handle: int, out: Path) -> None:
    """Gives a nameless file its name, in place of whatever had it."""
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    folder = os.open(out.parent, os.O_RDONLY)
    try:
        # With a folder's handle, os.link follows the link in /proc; without, it would link the link.
        os.link(f"/proc/self/fd/{handle}", beside.name, dst_dir_fd=folder)
    except OSError:
        os.lseek(handle, 0, os.SEEK_SET)
        with os.fdopen(os.dup(handle), "rb") as source, beside.open("wb") as target:
            shutil.copyfileobj(source, target)
    finally:
        os.close(folder)
    beside.replace(out)
