"""The house keeps its shape: floors look only down, words are not hidden in code, nothing heavy loads early."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = sorted((ROOT / "user_intel").rglob("*.py"))
ASSETS = sorted((ROOT / "assets").glob("*.py"))
SQL = sorted((ROOT / "sql").rglob("*.sql"))

ORCHESTRATORS = {"dagster", "dagster_webserver", "dagster_postgres", "fastapi", "assets"}
HEAVY = {
    "alembic", "anthropic", "arcadedb_embedded", "atlassian", "chdb", "crawleruseragents", "google", "hdbscan",
    "matplotlib", "neo4j", "networkx", "numba", "numpy", "openai", "pandas", "playwright", "polars", "psycopg2",
    "pyarrow", "scipy",
    "sklearn", "sqlalchemy", "starlette", "umap", "uvicorn",
}  # fmt: skip
# Where the state's tables are spelled and asked; none of it can be said without SQLAlchemy or Alembic.
ONLY_WITH_A_DATABASE = re.compile(r"user_intel/state/(audit|insights|models|roadmap|store|tickets|migrations/.*)\.py$")
FACES = {"user_intel.cli", "user_intel.terminal", "user_intel.web"}
ANOTHER_LANGUAGE = re.compile(
    r"^\s*(--[^\n]*\n\s*)*(select\s.+\sfrom\s|with\s+\w+\s+as\s*\(|insert\s+into\s|create\s+(or\s+replace\s+)?(temp\s+)?"
    r"(table|view|macro)\s|copy\s*\(|match\s*\(|merge\s*\(|update\s+\w+\s+set\s|delete\s+from\s|alter\s+table\s)",
    re.IGNORECASE | re.DOTALL,
)


def imports(path: Path, *, at_load: bool = False) -> Iterator[str]:
    """The modules a file imports, or only those imported when it is loaded (not inside functions or for typing)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = _loaded(tree) if at_load else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _loaded(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not typing_only and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _loaded(child)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", LIBRARY, ids=named)
def test_the_library_knows_no_orchestrator(path: Path) -> None:
    assert not {name for name in imports(path) if name.split(".")[0] in ORCHESTRATORS}


@pytest.mark.parametrize("path", LIBRARY, ids=named)
def test_only_the_faces_know_the_faces(path: Path) -> None:
    if path.relative_to(ROOT).parts[1] in {"cli.py", "terminal", "web"}:
        return
    assert not {name for name in imports(path) if any(name == f or name.startswith(f + ".") for f in FACES)}


@pytest.mark.parametrize("path", [*LIBRARY, *ASSETS], ids=named)
def test_nothing_heavy_is_imported_at_load(path: Path) -> None:
    # What runs only in a process of its own (`python -m ...`) may import what that process is for.
    if "user_intel/simulate/" in path.as_posix() or "user_intel/bench/" in path.as_posix():
        return
    if ONLY_WITH_A_DATABASE.search(path.as_posix()):
        return
    assert not {name for name in imports(path, at_load=True) if name.split(".")[0] in HEAVY}


@pytest.mark.parametrize("path", [*LIBRARY, *ASSETS], ids=named)
def test_what_needs_a_database_is_imported_only_where_one_is_opened(path: Path) -> None:
    if ONLY_WITH_A_DATABASE.search(path.as_posix()):
        return
    loaded = {name.replace(".", "/") + ".py" for name in imports(path, at_load=True)}
    assert not {name for name in loaded if ONLY_WITH_A_DATABASE.search(name)}


@pytest.mark.parametrize("path", [*LIBRARY, *ASSETS], ids=named)
def test_only_settings_reads_the_environment(path: Path) -> None:
    if path.name == "settings.py":
        return
    code = path.read_text(encoding="utf-8")
    assert not re.search(r"os\.(environ|getenv|putenv)|from os import .*(environ|getenv)", code)


@pytest.mark.parametrize("path", [*LIBRARY, *ASSETS], ids=named)
def test_no_words_for_other_machines_stand_in_python_strings(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    assert not [text for text in texts if ANOTHER_LANGUAGE.search(text)]


@pytest.mark.parametrize("path", SQL, ids=named)
def test_every_sql_file_says_what_it_is_for_and_is_read(path: Path) -> None:
    head = path.read_text(encoding="utf-8").splitlines()
    for word in ("-- one row is:", "-- parameters:", "-- from:", "-- read by:"):
        assert any(line.startswith(word) for line in head), f"{word} is missing"
    readers = re.findall(r"[a-z_/]+\.py", "\n".join(line for line in head if line.startswith("-- read by:")))
    others = re.findall(r"[a-z_/]+\.sql", "\n".join(line for line in head if line.startswith("-- read by:")))
    assert readers or others, "-- read by: names no file"
    for reader in readers:
        code = (ROOT / reader).read_text(encoding="utf-8")
        assert "sql(" in code or f'"{path.stem}"' in code, f"{reader} reads no SQL, or not this"
    for other in others:
        assert (path.parent / Path(other).name).exists() or (ROOT / other).exists(), f"there is no {other}"


def test_the_top_level_keeps_its_shape() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {line.split("/")[0] for line in listed.splitlines()}
    fixed = {"pyproject.toml", "README.md", "user_intel", "user_intel_tests", "dagster.yaml", "workspace.yaml"}
    fixed |= {"assets", "sql", "cypher", "prompts", "deploy", "Makefile", "CHANGELOG.md", "LICENSE", "uv.lock"}
    assert {name for name in top if not name.startswith(".")} == fixed


def test_importing_the_definitions_loads_nothing_heavy() -> None:
    program = "import sys, assets.definitions; print([m for m in sys.argv[1:] if m in sys.modules])"
    of_dagsters_own = {"alembic", "google", "numpy", "psycopg2", "sqlalchemy", "starlette"}
    loaded = subprocess.run([sys.executable, "-c", program, *HEAVY - of_dagsters_own],
                            cwd=ROOT, capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert loaded.strip() == "[]"
