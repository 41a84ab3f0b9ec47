"""The JSON values of a recording's file, one after the other, in bounded memory.

A file may be a JSON array, JSON lines, values one after the other, or one of these in gzip. Of a plain array the items
are the values; an array that begins with a string is a value itself: PostHog's `["<window>", {event}]`. What is in a
value is not known here.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from user_intel.errors import RecordingError
from user_intel.watch.events import JsonValue

_CHUNK_BYTES: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_GZIP_BITS: Final = 31
_BLANKS: Final = " \t\r\n\ufeff"
# A value that was cut off fails this near to the end of what was read, unless it fails within a string.
_NEAR_END: Final = 16
_DECODER: Final = json.JSONDecoder()


class RecordedValues:
    """Iterates over the values of `stream`; afterwards the attributes say what was wrong with it.

    Raises RecordingError when the file, unpacked, is larger than `max_bytes`, or one value than `max_value_bytes`.
    """

    def __init__(self, stream: BinaryIO, *, max_bytes: int, max_value_bytes: int) -> None:
        # Why the end of the file is missing, in words; "" when it is not.
        self.cut_off = ""
        # Lines, or places in an array, that are no JSON.
        self.broken = 0
        self._max_bytes, self._max_value_bytes = max_bytes, max_value_bytes
        self._chunks = self._read(stream)
        self._text, self._place, self._ended = "", 0, False

    def __iter__(self) -> Iterator[JsonValue]:
        in_array = False
        while (sign := self._next_sign()) is not None:
            if sign in ",]" or (sign == "[" and not in_array and not self._is_pair()):
                in_array = in_array if sign == "," else sign == "["
                self._place += 1
                continue
            found = self._value()
            if found is _NOTHING:
                continue
            yield found  # type: ignore[misc]
        if in_array and not self.cut_off:
            self.cut_off = "its JSON array never ends"

    def _value(self) -> object:
        """The value that begins here, or `_NOTHING` where what begins here is no JSON; either way it is behind us."""
        while True:
            try:
                value, self._place = _DECODER.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                is_cut = error.pos >= len(self._text) - _NEAR_END or error.msg.startswith("Unterminated string")
                if is_cut and self._read_on():
                    continue
                return self._skipped(is_cut=is_cut)
            except RecursionError:
                return self._skipped(is_cut=False)
            return value

    def _skipped(self, *, is_cut: bool) -> object:
        """Leaves what is no JSON: up to the end of its line, or all that is left when the file ends within it."""
        if is_cut and self._ended:
            self.cut_off = self.cut_off or "its last value is not whole"
            self._place = len(self._text)
            return _NOTHING
        self.broken += 1
        while (line_end := self._text.find("\n", self._place)) < 0 and self._read_on():
            pass
        self._place = len(self._text) if line_end < 0 else line_end + 1
        return _NOTHING

    def _is_pair(self) -> bool:
        """Whether the array that begins here begins with a string."""
        place = self._place + 1
        while True:
            while place < len(self._text) and self._text[place] in _BLANKS:
                place += 1
            if place < len(self._text):
                return self._text[place] == '"'
            before = self._place
            if not self._read_on():
                return False
            place -= before

    def _next_sign(self) -> str | None:
        """The next character that is no blank, which it does not step over; None at the end."""
        while True:
            while self._place < len(self._text):
                if self._text[self._place] not in _BLANKS:
                    return self._text[self._place]
                self._place += 1
            if not self._read_on():
                return None

    def _read_on(self) -> bool:
        """Reads more, at least as much as is there already, so that long values are not tried too often."""
        wanted = max(1, len(self._text) - self._place)
        if wanted >= self._max_value_bytes:
            raise RecordingError(
                f"one event of the recording is larger than {self._max_value_bytes >> 20} MB. "
                "Set watch.max_event_mb in product.yaml higher if memory allows."
            )
        parts = [self._text[self._place :]]
        self._text, self._place = "", 0
        while not self._ended and wanted > 0:
            part = next(self._chunks, None)
            if part is None:
                self._ended = True
            else:
                parts.append(part)
                wanted -= len(part)
        self._text = "".join(parts)
        return len(parts) > 1

    def _read(self, stream: BinaryIO) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        read = 0
        for chunk in self._unpacked(stream):
            read += len(chunk)
            if read > self._max_bytes:
                raise RecordingError(
                    f"the recording is larger than {self._max_bytes >> 20} MB unpacked. "
                    "Set watch.max_recording_mb in product.yaml higher if disk space allows."
                )
            yield decoder.decode(chunk)

    def _unpacked(self, stream: BinaryIO) -> Iterator[bytes]:
        first = stream.read(_CHUNK_BYTES)
        if not first.startswith(_GZIP):
            yield from _with_rest(first, stream)
            return
        unpacker, is_whole = zlib.decompressobj(_GZIP_BITS), True
        for packed in _with_rest(first, stream):
            left = packed
            while left and (not is_whole or left.startswith(_GZIP[:1])):
                try:
                    # Never more than a piece at a time: a small file may unpack into a huge one.
                    yield unpacker.decompress(left, _CHUNK_BYTES)
                except zlib.error:
                    self.cut_off = "its gzip is damaged"
                    return
                left, is_whole = unpacker.unconsumed_tail, unpacker.eof
                if is_whole:
                    left, unpacker = unpacker.unused_data, zlib.decompressobj(_GZIP_BITS)
        if not is_whole:
            yield unpacker.flush()
            self.cut_off = "its gzip ends too early"


def _with_rest(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield first
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


_NOTHING: Final = object()
