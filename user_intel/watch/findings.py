"""What was seen in a recording, and whether its events bear it out: one type for the local reader and for models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

FindingKind = Literal["confusion", "hesitation", "frustration", "repetition", "erratic_cursor", "error"]
KINDS: Final[tuple[FindingKind, ...]] = (
    "confusion", "hesitation", "frustration", "repetition", "erratic_cursor", "error",
)  # fmt: skip
LOCAL: Final = "local"
LOCAL_READER: Final = "local_reader"


@dataclass(frozen=True)
class Finding:
    """One finding. Seconds are of the session. `agreement` is null where it was asked for once.

    `refused_because` is why the events do not bear it out; null where they do.
    """

    kind: FindingKind
    from_s: float
    to_s: float
    description: str
    suggestion: str | None
    confidence: float
    signal: str | None = None
    agreement: float | None = None
    refused_because: str | None = None

    @property
    def grounded(self) -> bool:
        """Whether it may be shown to anybody."""
        return self.refused_because is None
