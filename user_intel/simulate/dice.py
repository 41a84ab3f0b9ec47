"""Random numbers that depend only on a seed, a day and a purpose, and the identifiers drawn from them."""

from datetime import date
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), dtype=np.uint8).reshape(256, 2)
_DIGIT_PLACES = np.array([place for place in range(36) if place not in (8, 13, 18, 23)])


def dice(seed: int, day: date | None, purpose: str) -> np.random.Generator:
    """A generator of its own for one purpose on one day, so that no other draw can shift it."""
    return np.random.default_rng([seed, day.toordinal() if day else 0, crc32(purpose.encode())])


def pick(generator: np.random.Generator, weights: npt.ArrayLike, count: int) -> Integers:
    """`count` positions into `weights`, drawn in proportion to them."""
    totals = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(np.searchsorted(totals, generator.random(count) * totals[-1], side="right"), dtype=np.int64)


def uuids(generator: np.random.Generator, count: int, milliseconds: Integers | None = None) -> pl.Series:
    """Random UUIDs as text: version 7 carrying the given times (ms since 1970), version 4 without."""
    raw = np.frombuffer(generator.bytes(count * 16), dtype=np.uint8).reshape(count, 16).copy()
    if milliseconds is not None:
        raw[:, :6] = milliseconds.astype(">i8").view(np.uint8).reshape(count, 8)[:, 2:]
    raw[:, 6] = (raw[:, 6] & 0x0F) | (0x40 if milliseconds is None else 0x70)
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    return _as_text(raw)


def _as_text(raw: npt.NDArray[np.uint8]) -> pl.Series:
    if not len(raw):
        return pl.Series([], dtype=pl.String)
    text = np.full((len(raw), 37), ord("-"), dtype=np.uint8)
    text[:, _DIGIT_PLACES] = _HEX[raw].reshape(len(raw), 32)
    text[:, 36] = ord("\n")
    lines = text.tobytes()[:-1].decode("ascii")
    return pl.select(pl.lit(lines).str.split("\n").explode()).to_series()
