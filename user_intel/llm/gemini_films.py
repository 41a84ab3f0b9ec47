"""Videos for Gemini, through its Files API: uploaded, waited for, deleted when the ask is done.

A film is called after the ask it belongs to, so that a killed run's upload is found and used by the next one instead of
lying about for two days, when Google deletes it. https://ai.google.dev/gemini-api/docs/files.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from user_intel.llm.asks import Ask
from user_intel.llm.patience import Patience

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import File

# Of a file that is not there, the API says that one may not see it.
_GONE = frozenset({403, 404})


class FilmNotReady(Exception):
    """An uploaded video cannot be watched: its processing failed, or takes too long (`transient`)."""

    def __init__(self, words: str, *, transient: bool) -> None:
        super().__init__(words)
        self.transient = transient


class Films:
    """The uploaded videos of one connection. What its methods raise is the SDK's, or FilmNotReady."""

    def __init__(self, client: Client, address: str, patience: Patience) -> None:
        self._client = client
        self._address = address
        self._patience = patience
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def uploaded(self, ask: Ask) -> Any:
        """The ask's film as a part of its contents, uploaded unless it is there, and ready to be watched."""
        from google.genai.types import FileData, Part, VideoMetadata

        assert ask.film is not None  # noqa: S101  # asked for by those with a film only
        file = self._ready(self._there(ask) or self._upload(ask))
        how = VideoMetadata(fps=ask.film.frames_per_s) if ask.film.frames_per_s != 1.0 else None
        return Part(file_data=FileData(file_uri=file.uri, mime_type=file.mime_type), video_metadata=how)

    def delete(self, ask: Ask) -> None:
        """Deletes the ask's film, if there is any."""
        from google.genai import errors

        with self._lock:
            name = self._names.pop(ask.digest, None)
        if name is None:
            return
        try:
            self._client.files.delete(name=name)
        except errors.ClientError as error:
            if error.code not in _GONE:
                raise

    def _there(self, ask: Ask) -> File | None:
        """The film as uploaded before: by an earlier try, or by a run that was killed."""
        from google.genai import errors
        from google.genai.types import FileState

        try:
            found = self._client.files.get(name=_name(ask))
        except errors.ClientError as error:
            if error.code in _GONE:
                return None
            raise
        if found.state == FileState.FAILED:
            self._client.files.delete(name=_name(ask))
            return None
        self._note(ask)
        return found

    def _upload(self, ask: Ask) -> File:
        from google.genai.types import HttpOptions, UploadFileConfig

        assert ask.film is not None  # noqa: S101
        self._note(ask)
        # Without it the SDK uploads to the host that the API names, past a gateway.
        there = HttpOptions(base_url=self._address) if self._address else None
        config = UploadFileConfig(name=_name(ask), mime_type=ask.film.mime_type, http_options=there)
        # A stream and not the path: of a path the SDK would send the file's name.
        with ask.film.path.open("rb") as file:
            return self._client.files.upload(file=file, config=config)

    def _ready(self, file: File) -> File:
        from google.genai.types import FileState

        patience = self._patience
        until = time.monotonic() + patience.film_ready_s
        while file.state == FileState.PROCESSING:
            if time.monotonic() > until:
                raise FilmNotReady(f"has not processed the video within {patience.film_ready_s:.0f} s.", transient=True)
            time.sleep(patience.film_look_s)
            file = self._client.files.get(name=str(file.name))
        if file.state == FileState.FAILED:
            raise FilmNotReady("could not process the video; is it a whole MP4 file?", transient=False)
        return file

    def _note(self, ask: Ask) -> None:
        with self._lock:
            self._names[ask.digest] = _name(ask)


def _name(ask: Ask) -> str:
    return f"files/user-intel-{ask.digest[:24]}"
