"""Finds the words said to other machines: `sql/`, `cypher/` and `prompts/`.

In a checkout they stand beside the package; in a wheel they are shipped inside it as `user_intel/words/`.
"""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "words"
ROOT = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent


@cache
def sql(name: str) -> str:
    """The text of `sql/<name>.sql`, e.g. `sql("journeys/steps")`. Raises FileNotFoundError naming the path."""
    return (ROOT / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def cypher(name: str) -> str:
    """The text of `cypher/<name>.cypher`, e.g. `cypher("load/steps")`. Raises FileNotFoundError naming the path."""
    return (ROOT / "cypher" / f"{name}.cypher").read_text(encoding="utf-8")


@cache
def prompt(name: str) -> str:
    """The text of `prompts/<name>.md`, e.g. `prompt("insight")`. Raises FileNotFoundError naming the path."""
    return (ROOT / "prompts" / f"{name}.md").read_text(encoding="utf-8")


def all_cypher() -> list[Path]:
    """Every Cypher file, sorted by path."""
    return sorted((ROOT / "cypher").rglob("*.cypher"))


def all_sql() -> list[Path]:
    """Every SQL file, sorted by path."""
    return sorted((ROOT / "sql").rglob("*.sql"))


def all_prompts() -> list[Path]:
    """Every prompt file, sorted by path."""
    return sorted((ROOT / "prompts").glob("*.md"))
