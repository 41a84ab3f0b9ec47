"""The stand-in's process: takes its orders from stdin, says on stdout where it listens, and ends when stdin does.

Run as `python -m user_intel.simulate.serving`. Its parent keeps the other end of stdin open: however the parent ends,
that end closes, and so this process never outlives it.
"""

import asyncio
import os
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from user_intel.simulate.knobs import Content, Orders
from user_intel.simulate.store import Store


def main() -> None:
    """Serves until told to stop."""
    orders = msgspec.json.decode(sys.stdin.buffer.readline(), type=Orders)
    folder = Path(orders.folder)
    threading.Thread(target=_end_with_parent, args=(folder, os.getppid()), daemon=True).start()
    store = Store(folder / "clickhouse", orders.knobs.timezone)
    _fill(store, orders.content, folder)
    asyncio.run(_serve(store, orders))


def _end_with_parent(folder: Path, parent: int) -> None:
    """Another process may have inherited the parent's end of the pipe, so the parent itself is looked for as well."""
    import select

    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], 1.0)
        if readable and not os.read(sys.stdin.fileno(), 1):
            break
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _fill(store: Store, content: Content, folder: Path) -> None:
    path = folder / "rows.parquet"
    if content.product is not None:
        for _, events in content.product.events_by_day(content.days):
            events.write_parquet(path, compression="lz4")
            store.load("events", path)
        if content.days:
            content.product.recordings(content.days).write_parquet(path)
            store.load("session_replay_events", path)
        path.unlink(missing_ok=True)
    for given in content.events_parquet:
        store.load("events", Path(given))
    for given in content.recordings_parquet:
        store.load("session_replay_events", Path(given))


async def _serve(store: Store, orders: Orders) -> None:
    import uvicorn

    from user_intel.simulate.server import Server

    server = Server(store, orders.knobs, orders.content.product)
    sockets = [_listening(), _listening()]
    ports = [listening.getsockname()[1] for listening in sockets]
    server.downloads.files_url = f"http://localhost:{ports[1]}"
    quiet: dict[str, Any] = {"log_level": "critical", "lifespan": "off", "access_log": False, "timeout_keep_alive": 75}
    hosts = [uvicorn.Server(uvicorn.Config(app, **quiet)) for app in (server.app(), server.downloads.files_app())]
    sys.stdout.write(msgspec.json.encode({"port": ports[0]}).decode() + "\n")
    sys.stdout.flush()
    await asyncio.gather(*(host.serve(sockets=[listening]) for host, listening in zip(hosts, sockets, strict=True)))


def _listening() -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    return listening


if __name__ == "__main__":
    main()
