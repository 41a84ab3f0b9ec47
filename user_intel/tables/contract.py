"""What a table and a column are, and the columns that many tables share.

Types are DuckDB's. Times (`_at`, `at`) are naive UTC with microseconds, `day` is a date in the product's time zone,
durations (`_s`) are seconds, rates are 0..1, money is `_usd`.
"""

from dataclasses import dataclass
from typing import Literal

Stage = Literal["extract", "journeys", "graph", "detect", "segment", "watch", "explain", "act"]


@dataclass(frozen=True)
class Column:
    """One column. `personal` columns never appear in previews, metadata or logs."""

    name: str
    type: str
    comment: str
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its columns in order, the key no two rows share, and the order rows are stored in."""

    name: str
    stage: Stage
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sorted_by: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def comment(self) -> str:
        """One sentence for whoever meets the table in a SQL client."""
        return f"One row per {self.row}. Key: {', '.join(self.key)}."


DAY = Column("day", "DATE", "Calendar day in the product's time zone.")
USER = Column(
    "user_id", "VARCHAR", "Pseudonym of the user: HMAC-SHA-256 of the identity, 32 hex digits.", personal=True
)
SESSION = Column("session_id", "VARCHAR", "The session; the source's own id where it has one.", personal=True)

SEGMENT = Column("segment", "VARCHAR", "all, or property=value.")
P_VALUE = Column(
    "p_value", "DOUBLE", "Probability of so much or more if nothing were wrong; null where nothing is said."
)
Q_VALUE = Column("q_value", "DOUBLE", "p_value after Benjamini-Hochberg over all rows of this table that day.")
