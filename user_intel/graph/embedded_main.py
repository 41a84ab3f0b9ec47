"""The process that keeps one home's graph server: starts Java, stops it when nobody needs it, ends when it ends.

Run by `embedded.py` as `python -m user_intel.graph.embedded_main FOLDER ...`. It detaches itself, so that whoever
started it may end first and never has a child to wait for. Java itself runs ArcadeDB's server out of the
`arcadedb-embedded` wheel (its own runtime and jars), beside this process and not inside it: half the start time, and
signals mean what they always mean.

Three files in FOLDER decide everything. None can go stale: the kernel drops a lock with its last holder.

    server.lock    held by this process and by Java (they share the open file) as long as either lives
    clients.lock   held shared by every client, and alone by this process to stop; its time is that of the last use
    server.json    where the server listens, and the processes' numbers; believed only while server.lock is held
"""

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from importlib import util
from pathlib import Path
from types import FrameType
from typing import NoReturn

DATABASE = "journeys"

_STARTED = "ArcadeDB Server started"
_PLUGIN = "Bolt:com.arcadedb.bolt.BoltProtocolPlugin"
# Other protocols, consoles and assistants of the wheel: what is not there does not listen.
_UNUSED_JARS = ("arcadedb-mcp", "arcadedb-postgresw", "arcadedb-redisw", "arcadedb-console", "arcadedb-python-bridge")
_TICK_S = 0.25
_STOP_S = 60.0
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str] | None = None) -> int:
    """Serves until idle, told to stop, or Java ends. The exit code is 0 when it stopped on purpose."""
    chosen = _arguments(arguments)
    if os.fork():
        return 0
    os.umask(0o077)
    os.chdir(chosen.folder)
    lock = _lock(chosen.ready)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    java = _start_java(chosen.port, chosen.heap_mb, lock)
    try:
        if not _started(java):
            return 1
        _publish(chosen.port, java.pid)
        _tell(chosen.ready)
        return _watch(java, chosen.port, chosen.idle_s)
    finally:
        Path("server.json").unlink(missing_ok=True)
        _stop(java)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--heap-mb", type=int, required=True)
    parser.add_argument("--idle-s", type=float, required=True)
    parser.add_argument("--ready", type=int, required=True, help="an open pipe that is told when the server is ready")
    return parser.parse_args(arguments)


def _lock(ready: int) -> int:
    """Waits for an earlier server to end, unless whoever wants this one has found another meanwhile."""
    lock = os.open("server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    listener = select.poll()
    listener.register(ready, select.POLLERR)
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if listener.poll(20):
                sys.exit(0)
            time.sleep(0.02)
        else:
            return lock


def _tell(ready: int) -> None:
    # Who asked for the server may be gone: others will find it.
    with contextlib.suppress(BrokenPipeError), os.fdopen(ready, "wb") as pipe:
        pipe.write(b"ready")


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _start_java(port: int, heap_mb: int, lock: int) -> subprocess.Popen[bytes]:
    if Path("server.log").exists():
        Path("server.log").replace("server.log.before")
    with Path("server.log").open("wb") as log:
        return subprocess.Popen(
            server_command(port, heap_mb) or sys.exit("arcadedb-embedded is not installed"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            preexec_fn=_die_with_parent,  # safe: this process has one thread
        )


def _die_with_parent() -> None:
    # Where the kernel offers it: Java stops in good order when this process is killed.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def server_command(port: int, heap_mb: int) -> list[str] | None:
    """What runs the server in the current folder; None where the wheel is not installed."""
    found = util.find_spec("arcadedb_embedded")
    if found is None or found.origin is None:
        return None
    wheel = Path(found.origin).parent
    jars = sorted(path for path in (wheel / "jars").glob("*.jar") if not path.name.startswith(_UNUSED_JARS))
    opened = ("java.util.concurrent.atomic", "java.nio.channels.spi", "java.lang")
    settings = {
        "server.rootPath": ".",
        "server.rootPasswordPath": "password",
        # Not "production", which keeps the reasons of failures from clients; what that mode makes safe is named here.
        "server.mode": "development",
        "txWalFlush": 1,
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
        "server.plugins": _PLUGIN,
        "server.defaultDatabases": f"{DATABASE}[]",
        "server.httpIncomingHost": "127.0.0.1",
        "server.httpIncomingPort": 0,
        "server.httpWorkerThreads": 4,
        "serverMetrics": "false",
        "support.autoRegister": "false",
        "polyglotEngineEnabled": "false",
        "bolt.host": "127.0.0.1",
        "bolt.port": port,
        "bolt.defaultDatabase": DATABASE,
        "bolt.maxMessageSize": 64 * 1024 * 1024,
        # It does not keep the limit that a client sets for a transaction; this one it keeps.
        "command.timeout": 300_000,
    }
    return [
        str(wheel / "jre" / "bin" / "java"),
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:ErrorFile=log/crash.log",
        "-Djava.awt.headless=true",
        "-Djava.net.preferIPv4Stack=true",
        "-Dfile.encoding=UTF8",
        "--enable-native-access=ALL-UNNAMED",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in opened),
        *(f"-Darcadedb.{name}={value}" for name, value in settings.items()),
        "-cp",
        os.pathsep.join(map(str, jars)),
        "com.arcadedb.server.ArcadeDBServer",
    ]


def _started(java: subprocess.Popen[bytes]) -> bool:
    while java.poll() is None:
        if _STARTED in Path("server.log").read_text(encoding="utf-8", errors="replace"):
            return True
        time.sleep(0.02)
    return False


def _publish(port: int, java: int) -> None:
    written = Path("server.json.new")
    written.write_text(json.dumps({"port": port, "pid": os.getpid(), "java_pid": java}), encoding="utf-8")
    written.replace("server.json")


def _watch(java: subprocess.Popen[bytes], port: int, idle_s: float) -> int:
    clients = os.open("clients.lock", os.O_RDWR | os.O_CREAT)
    while java.poll() is None:
        time.sleep(_TICK_S)
        if os.fstat(clients).st_nlink == 0:
            return 0  # the home was removed
        if time.time() - os.fstat(clients).st_mtime < idle_s:
            continue
        if _connected(port):
            os.utime(clients)
        elif _alone(clients):
            return 0
    return 1


def _alone(clients: int) -> bool:
    # Held from here to the end: a client that comes now waits for the end, and starts anew.
    try:
        fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.utime(clients)
        return False
    return True


def _connected(port: int) -> bool:
    """Whether anybody is connected without the client lock, such as a person's own Bolt client (Linux only)."""
    table = Path("/proc/self/net/tcp")
    if not table.exists():
        return False
    rows = [line.split() for line in table.read_text(encoding="ascii").splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def _stop(java: subprocess.Popen[bytes]) -> None:
    if java.poll() is None:
        java.terminate()
        try:
            java.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            java.kill()
            java.wait()


if __name__ == "__main__":
    sys.exit(main())
