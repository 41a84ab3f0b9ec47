"""The embedded server's life: one a home, started by whoever comes first, healed after any death, gone when idle."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from user_intel.errors import GraphAway, GraphError
from user_intel.graph.connection import Graph, open_graph
from user_intel.settings import Settings

CLIENT = """
import json, sys
from pathlib import Path
from user_intel.graph.connection import open_graph
from user_intel.settings import Settings
home = Path(sys.argv[1])
with open_graph(Settings(USER_INTEL_HOME=home, USER_INTEL_GRAPH_IDLE_MINUTES=1, _env_file=None)) as graph:
    graph.write("CREATE (:Visitor)")
    print(graph.address, json.loads((home / "graph" / "server.json").read_text())["java_pid"])
"""


def settings(home: Path, idle_s: float = 60) -> Settings:
    return Settings(USER_INTEL_HOME=home, USER_INTEL_GRAPH_IDLE_MINUTES=idle_s / 60, _env_file=None)


def processes(home: Path) -> tuple[int, int]:
    """The numbers of the keeping process and of Java."""
    found = json.loads((home / "graph" / "server.json").read_text())
    return found["pid"], found["java_pid"]


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # What this test's own process would have to wait for is a zombie: that is not gone.
    return False


def wait_until(holds: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def names(graph: Graph) -> list[str]:
    return [row["name"] for row in graph.read("MATCH (t:Thing) RETURN t.name AS name ORDER BY name")]


def test_clients_that_come_at_once_share_one_server_and_it_goes_with_its_home(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", CLIENT, tmp_path], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = {client.communicate()[0] for client in started}
    assert [client.returncode for client in started] == [0, 0]
    assert len(answers) == 1, "each saw a server of its own"
    with open_graph(settings(tmp_path)) as graph:
        assert graph.read("MATCH (v:Visitor) RETURN count(v) AS visitors") == [{"visitors": 2}]
        keeping, java = processes(tmp_path)
    shutil.rmtree(tmp_path / "graph")
    wait_until(lambda: is_gone(keeping) and is_gone(java), 20)


def test_a_server_killed_at_work_keeps_what_it_promised_is_restarted_once_and_then_told_of(tmp_path: Path) -> None:
    with open_graph(settings(tmp_path)) as graph:
        graph.write("CREATE (:Thing {name: 'kept'})")
        keeping, java = processes(tmp_path)
        os.kill(java, signal.SIGKILL)
        assert names(graph) == ["kept"]
        again, java_again = processes(tmp_path)
        assert java_again != java
        wait_until(lambda: is_gone(keeping) and is_gone(java), 5)
        graph.write("CREATE (:Thing {name: 'kept too'})")
        os.kill(java_again, signal.SIGKILL)
        wait_until(lambda: is_gone(again), 5)
        with pytest.raises(GraphAway, match=r"ended twice during this step. Its log, .*server\.log, ends:\n.*ArcadeDB"):
            names(graph)
    # The next step starts with a clean slate, though the state of the dead one lies there, its process number reused.
    (tmp_path / "graph" / "server.json").write_text(json.dumps({"port": 1, "pid": os.getpid(), "java_pid": 1}))
    with open_graph(settings(tmp_path)) as graph:
        assert names(graph) == ["kept", "kept too"]
        keeping, java = processes(tmp_path)
        os.kill(keeping, signal.SIGKILL)
        wait_until(lambda: is_gone(java), 20)
        assert names(graph) == ["kept", "kept too"]
        os.kill(processes(tmp_path)[0], signal.SIGTERM)


def test_an_idle_server_stops_but_never_under_a_client(tmp_path: Path) -> None:
    with open_graph(settings(tmp_path, idle_s=0.5)) as graph:
        keeping, java = processes(tmp_path)
        time.sleep(2)
        assert names(graph) == []
        assert processes(tmp_path) == (keeping, java)
    wait_until(lambda: is_gone(keeping) and is_gone(java), 20)
    assert not (tmp_path / "graph" / "server.json").exists()


def test_only_this_user_of_this_machine_gets_in(embedded_settings: Settings, embedded_graph: Graph) -> None:
    folder = embedded_settings.home / "graph"
    assert {oct(path.stat().st_mode & 0o077) for path in [folder, *folder.rglob("*")] if path.is_dir()} == {"0o0"}
    assert oct((folder / "password").stat().st_mode & 0o777) == "0o600"
    assert (folder / "password").read_text() not in Path(
        f"/proc/{processes(embedded_settings.home)[1]}/cmdline"
    ).read_text()
    assert listening(processes(embedded_settings.home)[1]) <= {"0100007F", "0000000000000000FFFF00000100007F"}


def listening(process: int) -> set[str]:
    """The addresses a process listens on, as the kernel writes them: 127.0.0.1 in IPv4 and in IPv6 clothes."""
    sockets = {str(path.readlink()) for path in Path(f"/proc/{process}/fd").iterdir() if path.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            row = line.split()
            if row[3] == "0A" and f"socket:[{row[9]}]" in sockets:
                found.add(row[1].split(":")[0])
    return found


def test_a_server_that_cannot_start_is_tried_twice_and_its_log_is_shown(tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    folder.mkdir(parents=True)
    (folder / "databases").write_text("a file where the server wants a folder")
    with pytest.raises(GraphError, match=r"(?s)does not start in .*ends:\n.*databases"), open_graph(settings(tmp_path)):
        pass
    (folder / "databases").unlink()
    with open_graph(settings(tmp_path, idle_s=0.1)) as graph:
        assert names(graph) == []


def test_a_lost_password_is_made_anew_once_the_server_is_stopped(tmp_path: Path) -> None:
    with open_graph(settings(tmp_path)) as graph:
        graph.write("CREATE (:Thing {name: 'kept'})")
        (tmp_path / "graph" / "password").unlink()
    with pytest.raises(GraphError, match="Stop that process"), open_graph(settings(tmp_path)):
        pass
    keeping, _ = processes(tmp_path)
    os.kill(keeping, signal.SIGTERM)
    wait_until(lambda: is_gone(keeping), 20)
    with open_graph(settings(tmp_path, idle_s=0.1)) as graph:
        assert names(graph) == ["kept"]
