"""Recordings drawn into videos: real Chromium, real ffmpeg, and the pictures looked at."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from user_intel.errors import PlayerError, RecordingError
from user_intel.product import Masking, Product, Watch
from user_intel.settings import Settings
from user_intel.watch import browser, tools
from user_intel.watch.clock import Stretch
from user_intel.watch.encoder import Encoder, ffmpeg_path
from user_intel.watch.events import Event
from user_intel.watch.recording import Recording, open_recording
from user_intel.watch.rendering import Clip, Renderer, Shot, around, open_renderer, overview
from user_intel.watch.screen import Moment, open_screen
from user_intel_tests.watch.made_recordings import (
    Page,
    Raw,
    click,
    event,
    happening,
    meta,
    moves,
    mutation,
    snapshot,
    write,
)

ROOT = Path(__file__).parents[2]
GREEN, BLUE, POINTER = (0, 160, 70), (30, 90, 220), (255, 31, 180)
SETTINGS = Settings(_env_file=None)  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    """One browser for all tests of this file. Skips where it cannot be had, but never with CI=true."""
    if missing := tools.missing(SETTINGS):
        if os.environ.get("CI") == "true":
            pytest.fail(f"deploy/test-services.sh should have installed it: {missing}")
        pytest.skip(" ".join(missing))
    with open_renderer(SETTINGS, Product()) as made:
        yield made


@contextmanager
def recorded(folder: Path, *events: Raw) -> Iterator[Recording]:
    with open_recording(write(folder / "made.json", events)) as recording:
        yield recording


def looked_at(
    renderer: Renderer, recording: Recording, shot: Shot, out: Path, script: str, **masking: Any
) -> tuple[Clip, list[tuple[float, Any]]]:
    """The clip, and for each frame its second of the session and what `script` finds in the page that shows it."""
    found: list[Any] = []

    def look(_done: int, _of: int) -> None:
        found.append(renderer.browser.handle.contexts[-1].pages[0].evaluate(script))

    clip = renderer.render(recording, shot, out, mask=Masking(**masking), progress=look)
    starts = [number / clip.fps for number in range(clip.frames - 1)]
    seconds = [clip.clock.to_session(video_s) for video_s in (*starts, clip.clock.video_s)]
    return clip, list(zip(seconds, found, strict=True))


def frame(clip: Clip, number: int) -> Image.Image:
    """One picture of the encoded video."""
    command = [str(ffmpeg_path(SETTINGS)), "-loglevel", "error", "-i", str(clip.path)]
    command += ["-vf", f"select=eq(n\\,{number})", "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
    return Image.open(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)).convert("RGB")


def is_near(picture: Image.Image, at: tuple[float, float], colour: tuple[int, int, int]) -> bool:
    """Whether that pixel has about that colour: JPEG and H.264 shift it a little."""
    found = picture.getpixel((round(at[0]), round(at[1])))
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, colour, strict=True))


LOOK = """() => {
  const box = (element) => { const { left, top } = element.getBoundingClientRect(); return [left, top]; };
  const page = document.querySelector('.tab:not([hidden]) iframe');
  const button = page.contentDocument.querySelector('button');
  const [x, y] = box(page), [bx, by] = box(button);
  const pointer = document.querySelector('#pointer');
  const place = ({ style }) => [parseFloat(style.left), parseFloat(style.top)];
  const rings = [...document.querySelectorAll('.press')];
  return { button: [x + bx, y + by], pointer: pointer.hidden ? null : place(pointer),
           presses: rings.map((ring) => [...place(ring), ring.dataset.count ?? '']),
           caption: document.querySelector('#caption').textContent, clock: document.querySelector('.clock').textContent,
           step: document.querySelector('.step').textContent, doing: document.querySelector('.doing').textContent };
}"""


def button_page(left: int = 200) -> tuple[Page, Raw]:
    page = Page()
    style = f"position:absolute;left:{left}px;top:150px;width:100px;height:40px;border:0;background:rgb{GREEN}"
    return page, page.document(page.element("button", "Pay", style=style), style="margin:0;background:white")


def test_cursor_and_clicked_element_are_where_the_events_say(renderer: Renderer, tmp_path: Path) -> None:
    _, document = button_page()
    way = [(0.4, 100.0, 100.0), (0.2, 175.0, 135.0), (0.0, 250.0, 170.0)]
    there = "position:absolute;left:600px;top:150px;width:100px;height:40px;border:0;background:rgb(30,90,220)"
    events = [
        meta(), snapshot(document), moves(1.0, *way, node=2), click(2.0, 250, 170, 2),
        mutation(3.0, attributes=[{"id": 2, "attributes": {"style": there}}]),
        moves(4.0, (0.0, 650.0, 170.0), node=2), click(4.6, 650, 170, 2),
    ]  # fmt: skip
    with recorded(tmp_path, *events) as recording:
        clip, seen = looked_at(
            renderer, recording, around(recording, 2, renderer.product.watch), tmp_path / "c.mp4", LOOK
        )
    # By hand: where the pointer was at the last position at or before each moment.
    known = [(0.6, (100, 100)), (0.8, (175, 135)), (1.0, (250, 170)), (4.0, (650, 170))]
    for at_s, shown in seen:
        before = [list(place) for from_s, place in known if from_s <= at_s + 1e-6]
        assert shown["pointer"] == (before[-1] if before else None), at_s
        assert shown["button"] == [600 if at_s >= 3 else 200, 150], at_s
        pressed = [[250, 170, ""]] if 2 <= at_s < 2.6 else [[650, 170, ""]] if at_s >= 4.6 else []
        assert shown["presses"] == pressed, at_s
        assert shown["clock"] == f"00:0{int(at_s + 1e-6)} / 00:04"
    assert [shown["doing"] for at_s, shown in seen if shown["doing"]] == ["click", "click"]
    # The same in the pixels of the encoded video, a moment after the first click and one after the page changed.
    assert clip.frames == len(seen) == 24
    first, last = frame(clip, 8), frame(clip, 21)
    assert is_near(first, (210, 180), GREEN)
    assert is_near(first, (610, 180), (255, 255, 255))
    assert is_near(first, (253, 180), POINTER)
    assert is_near(last, (610, 180), BLUE)
    assert is_near(last, (653, 180), POINTER)
    assert is_near(last, (210, 180), (255, 255, 255))


def test_a_cursor_in_a_frame_of_the_page_is_placed_in_the_page(renderer: Renderer, tmp_path: Path) -> None:
    page = Page()
    holder = page.element(
        "iframe", style="position:absolute;left:300px;top:100px;width:400px;height:300px;border:5px solid"
    )
    outer = page.document(page.element("button", "x"), holder, style="margin:0")
    inner = page.document(
        page.element("button", "inner", style="position:absolute;left:20px;top:30px"), style="margin:0"
    )
    button = page.next_id - 7
    attach = mutation(0.1, adds=[{"parentId": holder["id"], "nextId": None, "node": inner}], isAttachIframe=True)
    with recorded(tmp_path, meta(), snapshot(outer), attach, moves(1.0, (0.0, 20, 30), node=button)) as recording:
        shot = Shot(Stretch(0, 1), 1, 2)
        _, seen = looked_at(renderer, recording, shot, tmp_path / "c.mp4", LOOK)
    assert seen[-1][1]["pointer"] == [300 + 5 + 20, 100 + 5 + 30]


def test_larger_pages_are_scaled_to_fit_and_clicks_with_them(renderer: Renderer, tmp_path: Path) -> None:
    _, document = button_page(left=1000)
    with recorded(tmp_path, meta(width=2560, height=1000), snapshot(document), click(1, 1050, 170, 2)) as recording:
        clip, seen = looked_at(renderer, recording, overview(recording, Watch()), tmp_path / "c.mp4", LOOK)
    assert seen[-1][1]["presses"] == [[525, 85, ""]]
    picture = frame(clip, clip.frames - 1)
    assert picture.size == (1280, 800)
    assert is_near(picture, (502, 78), GREEN)


def test_clicks_between_two_frames_are_all_shown_and_counted(renderer: Renderer, tmp_path: Path) -> None:
    _, document = button_page()
    rage = [click(3 + n / 10, 250 + n % 2, 170, 2) for n in range(6)]
    with recorded(tmp_path, meta(), snapshot(document), *rage, click(8.4, 700, 400, 2)) as recording:
        _, seen = looked_at(renderer, recording, overview(recording, Watch()), tmp_path / "c.mp4", LOOK)
    pressed = {round(at_s, 2): shown["presses"] for at_s, shown in seen if shown["presses"]}
    assert pressed == {5.33: [[251, 170, "×6"]], 8.4: [[700, 400, ""]]}
    assert [shown["doing"] for _, shown in seen] == ["", "", "6 clicks", "click"]


def test_idle_stretches_become_captions_and_the_clocks_agree_with_the_file(renderer: Renderer, tmp_path: Path) -> None:
    _, document = button_page()
    events = [
        meta(),
        snapshot(document),
        click(4, 9, 9, 2),
        mutation(50, texts=[{"id": 1, "value": "Paid"}]),
        click(100, 9, 9, 2),
    ]
    with recorded(tmp_path, *events, click(103, 9, 9, 2)) as recording:
        clip, seen = looked_at(renderer, recording, overview(recording, Watch()), tmp_path / "c.mp4", LOOK)
        assert recording.active_s == 7
    assert clip.clock.shown_s == 7
    assert clip.clock.video_s == pytest.approx(4 / 8 + 1 + 3 / 8)
    captions = [(at_s, shown["caption"]) for at_s, shown in seen if shown["caption"]]
    assert len(captions) == 3
    assert all(4 <= at_s < 100 and words == "1 min 36 s without any action, skipped" for at_s, words in captions)
    assert [shown["step"] for _, shown in seen] == ["/cart"] * len(seen)
    probe = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", str(clip.path)]
    told = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)
    video = told["streams"][0]
    assert (video["codec_name"], video["pix_fmt"], video["width"], video["height"]) == ("h264", "yuv420p", 1280, 800)
    assert int(video["nb_frames"]) == clip.frames
    assert float(told["format"]["duration"]) == pytest.approx(clip.clock.video_s, abs=1.01 / clip.fps)
    # faststart: the index stands before the pictures.
    content = clip.path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_tab_that_is_used_is_the_one_that_is_shown(renderer: Renderer, tmp_path: Path) -> None:
    _, one = button_page(left=100)
    _, two = button_page(left=700)
    lines = [["a", meta()], ["a", snapshot(one)], ["b", meta(1, "https://shop.example/help")], ["b", snapshot(two, 1)],
             ["a", click(3, 5, 5, 2)], ["b", click(5, 6, 6, 2)]]  # fmt: skip
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    with open_recording(path) as recording:
        _, seen = looked_at(renderer, recording, Shot(Stretch(0, 5), 1, 1), tmp_path / "c.mp4", LOOK)
    assert [shown["button"][0] for _, shown in seen] == [100, 700, 700, 100, 100, 700]
    assert [shown["step"] for _, shown in seen] == ["/cart", "/help", "/help", "/cart", "/cart", "/help"]


def test_a_clip_from_the_middle_begins_with_the_page_as_it_was(renderer: Renderer, tmp_path: Path) -> None:
    _, document = button_page()
    ticks = [mutation(n, texts=[{"id": 1, "value": f"Pay {n}"}]) for n in range(1, 60)]
    again = snapshot(Page(100).document(Page(200).element("button", "Second page")), 30)
    actions = [moves(n + 0.5, (0, n, n), node=2) for n in range(60)]
    with recorded(tmp_path, meta(), snapshot(document), *ticks[:29], again, *ticks[29:], *actions) as recording:
        words = "() => player.tabs.get(0).document.querySelector('button').textContent"
        for from_s, expected in ((10, "Pay 10"), (35, "Second page")):
            shot = Shot(Stretch(from_s, from_s + 4), 1, 1)
            _, seen = looked_at(renderer, recording, shot, tmp_path / "c.mp4", words)
            assert seen[0] == (from_s, expected)
            assert [at_s for at_s, _ in seen] == [from_s + n for n in range(5)]


def test_the_same_recording_gives_the_same_video_down_to_the_byte(renderer: Renderer, tmp_path: Path) -> None:
    page = Page()
    style = page.element(
        "style", "@keyframes turn{to{transform:rotate(360deg)}} button{animation:turn 2s infinite linear}"
    )
    document = page.document(page.element("button", "turning"), head=[style])
    with recorded(tmp_path, meta(), snapshot(document), click(2, 9, 9, 3)) as recording:
        shot = Shot(Stretch(0, 1), 1, 4)
        clips = [renderer.render(recording, shot, tmp_path / name) for name in ("a.mp4", "b.mp4")]
    assert clips[0].path.read_bytes() == clips[1].path.read_bytes()
    # Something turns, so every frame is a picture of its own.
    assert clips[0].pictures == clips[0].frames
    assert frame(clips[0], 0).tobytes() != frame(clips[0], 2).tobytes()


SECRETS = [
    "anna.schmidt@example.com", "4111 1111 1111 1111", "+49 171 2345678", "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "hunter2-is-my-password", "Dear diary",
    "session=77d1f0aa", "My mother's maiden name", "Secret balance 12.34",
]  # fmt: skip


def planted() -> list[Raw]:
    """A recording that holds every secret in every place where it might show."""
    mail, card, phone, token, jwt, password, diary, query, name, balance = SECRETS
    page = Page()
    everything = f"{mail} {card} {phone} {token} {jwt} https://shop.example/a?{query}"
    body = [
        page.element("h1", everything, title=everything, aria_label=everything, data_user=mail, id=mail),
        page.element("input", type="text", value=name, placeholder=mail), page.element("textarea", diary, value=diary),
        page.element("div", diary, contenteditable="true"), page.element("input", type="password", value=password),
        page.element("p", page.element("b", "anna.schmidt"), "@", page.element("b", "example.com")),
        page.element("p", balance, class_="ph-mask", title=balance), page.element("p", balance, class_="balance"),
        page.element("a", "link", href=f"https://u:{password}@shop.example/?{query}"),
        page.element("script", everything),
        page.element("img", alt=mail, src=f"https://shop.example/?{query}"),
        page.element("select", page.element("option", "x", value=name), value=name),
        page.element("canvas", rr_dataURL=f"data:image/png;base64,{token}"),
    ]  # fmt: skip
    style = page.element("style", f'h1::after{{content:"{mail}"}} h2{{background:url(https://shop.example/?{query})}}')
    document = page.document(*body, head=[page.element("title", everything), style])
    first = body[0]["id"]
    late = page.element("h2", everything, title=everything)
    return [
        meta(href=f"https://shop.example/account/{mail}?{query}"), snapshot(document),
        event(5, 0.1, {"tag": "$pageview", "payload": {"href": f"https://shop.example/{mail}?{query}"}}),
        event(6, 0.2, {"plugin": "rrweb/console@1", "payload": {"payload": [everything]}}),
        happening(5, 0.3, id=body[1]["id"], text=name, isChecked=False),
        happening(5, 0.4, id=body[4]["id"], text=password, isChecked=False),
        mutation(0.5, attributes=[{"id": body[4]["id"], "attributes": {"type": "text", "value": password}}]),
        mutation(0.6, adds=[{"parentId": first, "nextId": None, "node": late}], texts=[{"id": 1, "value": everything}],
                 attributes=[{"id": first, "attributes": {"title": everything, "data-x": mail, "alt": phone}}]),
        happening(9, 0.7, id=first, property="fillText", args=[everything]), click(0.9, 9, 9, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["personal", "all"])
def test_no_planted_secret_is_in_any_frame(renderer: Renderer, tmp_path: Path, mode: str) -> None:
    with recorded(tmp_path, *planted()) as recording:
        shot = Shot(Stretch(0, 1), 1, 5)
        clip, seen = looked_at(
            renderer, recording, shot, tmp_path / "c.mp4", "() => player.source()", text=mode, selectors=[".balance"]
        )
    assert len(seen) == clip.frames == 6
    for _, source in seen:
        assert not re.search(r"(src|href|action|poster|data)=\"https?:", source)
        # Whole, in their parts, and without the blanks between them.
        flat = re.sub(r"\s+|<[^>]*>", "", source)
        for secret in (*SECRETS, "anna.schmidt", "1111", "2345678", "hunter2", "diary", "12.34", "maiden"):
            assert secret not in source
            assert secret.replace(" ", "") not in flat


class Listener:
    """A server that only remembers who came."""

    def __init__(self) -> None:
        self.visits: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        for wait in (self._accept, self._receive):
            threading.Thread(target=wait, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                visitor, _ = self._server.accept()
            except OSError:
                return
            with visitor:
                visitor.settimeout(1)
                self.visits.append(visitor.recv(200))

    def _receive(self) -> None:
        while True:
            try:
                self.visits.append(self._udp.recv(200))
            except OSError:
                return

    def close(self) -> None:
        # A closed socket alone does not wake the thread that waits on it.
        for waiting in (self._server, self._udp):
            with suppress(OSError):
                waiting.shutdown(socket.SHUT_RDWR)
            waiting.close()


ATTEMPTS = """async (address) => {
  const udp = new RTCPeerConnection({ iceServers: [{ urls: `stun:${address}` }] });
  udp.createDataChannel('x');
  await udp.setLocalDescription(await udp.createOffer());
  const image = new Image(); image.src = `http://${address}/image`; document.body.append(image);
  const frame = document.createElement('iframe'); frame.src = `http://${address}/frame`; document.body.append(frame);
  try { navigator.sendBeacon(`http://${address}/beacon`, 'x'); } catch {}
  try { new WebSocket(`ws://${address}/socket`); } catch {}
  try { new EventSource(`http://${address}/events`); } catch {}
  try { await fetch(`http://${address}/fetch`, { mode: 'no-cors' }); return 'fetched'; } catch { return 'refused'; }
}"""


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def test_nothing_leaves_the_browser_however_hard_a_page_tries(renderer: Renderer, listener: Listener) -> None:
    here = f"127.0.0.1:{listener.port}"
    page = Page()
    outside = f"http://{here}"
    css = (
        f'@import "{outside}/import.css";@font-face{{font-family:f;src:url({outside}/font)}}'
        f"*{{font-family:f;background:url({outside}/css)}}"
    )
    document = page.document(
        page.element("img", src=f"{outside}/img", srcset=f"{outside}/srcset 1x"),
        page.element("iframe", src=f"{outside}/iframe"),
        page.element("video", src=f"{outside}/video", poster=f"{outside}/poster", autoplay=True),
        page.element("object", data=f"{outside}/object"), page.element("embed", src=f"{outside}/embed"),
        page.element("script", src=f"{outside}/script.js"), page.element("input", type="image", src=f"{outside}/input"),
        page.element("img", src="x", onerror=f"fetch('{outside}/onerror')"),
        head=[page.element("style", css), page.element("link", rel="stylesheet", href=f"{outside}/sheet.css"),
              page.element("link", rel="preconnect", href=outside),
              page.element("link", rel="prefetch", href=f"{outside}/prefetch"),
              page.element("link", rel="dns-prefetch", href=f"http://localhost:{listener.port}"),
              page.element("meta", http_equiv="refresh", content=f"0;url={outside}/refresh")],
    )  # fmt: skip
    raw = [
        meta(),
        snapshot(document),
        mutation(1, adds=[{"parentId": 3, "nextId": None, "node": page.element("img", src=f"{outside}/late")}]),
    ]
    # What no mask has touched, straight onto the page; and what scripts would try, on that page and on an open one.
    with open_screen(renderer.browser, SETTINGS, 640, 480) as screen:
        events = [Event(each["timestamp"], 0, each["type"], each["data"]) for each in raw]  # type: ignore[arg-type]
        screen.show(events, Moment(0, None, False, (), "", "", "", "", ""), 0)
        assert screen.page.evaluate("() => player.tabs.get(0).document.querySelectorAll('img').length") >= 2
        assert screen.page.evaluate(ATTEMPTS, here) == "refused"
        screen.picture()
        screen.page.wait_for_timeout(300)
    assert bare_page(renderer, here) == "refused"
    assert listener.visits == []
    # The listener does listen.
    with socket.create_connection(("127.0.0.1", listener.port)) as visitor:
        visitor.sendall(b"hello")
    wait_until(lambda: listener.visits == [b"hello"], "the listener noticed its visitor")


def bare_page(renderer: Renderer, here: str) -> str:
    """The same attempts from a page that forbids nothing: the browser itself has no network."""
    context = renderer.browser.handle.new_context()
    try:
        page = context.new_page()
        answer = str(page.evaluate(ATTEMPTS, here))
        page.wait_for_timeout(300)
        return answer
    finally:
        context.close()


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def long_session(seconds: int) -> list[Raw]:
    """A page of some size on which somebody moves, clicks, scrolls and sees changes all the time."""
    page = Page()
    rows = [
        page.element("tr", *[page.element("td", f"cell {row} {column}") for column in range(6)]) for row in range(120)
    ]
    document = page.document(page.element("table", *rows, style="width:100%"))
    events = [meta(), snapshot(document)]
    for at_s in range(1, seconds):
        positions = [((9 - n) / 10, (37 * at_s + 40 * n) % 1200, (23 * at_s + 20 * n) % 700) for n in range(10)]
        events += [
            moves(at_s, *positions, node=2), happening(3, at_s + 0.1, id=page.next_id - 1, x=0, y=(at_s * 40) % 1500),
            mutation(at_s + 0.2, texts=[{"id": 1 + (at_s * 2) % 600, "value": f"changed {at_s}"}]),
        ]  # fmt: skip
        if at_s % 5 == 0:
            events.append(click(at_s + 0.3, (37 * at_s) % 1200, (23 * at_s) % 700, 2))
    return events


def test_rendering_is_much_faster_than_the_session_and_takes_little_memory(renderer: Renderer, tmp_path: Path) -> None:
    """Held against seconds of processor time, of all processes: so a busy machine, or one core, changes nothing."""
    with recorded(tmp_path, *long_session(200)) as recording:
        assert recording.active_s == pytest.approx(recording.duration_s)
        watch, before_s, before_mb = renderer.product.watch, processor_s(), proportional_mb(os.getpid())
        fast = renderer.render(recording, overview(recording, watch), tmp_path / "overview.mp4")
        between_s = processor_s()
        real = renderer.render(recording, Shot(Stretch(100, 110), 1, watch.clip_fps), tmp_path / "clip.mp4")
        after_s = processor_s()
        # Other tests ran in this process, and left servers beside it: they draw nothing.
        grown_mb = proportional_mb(os.getpid()) - before_mb
        used_mb = grown_mb + sum(map(proportional_mb, filter(draws, descendants(os.getpid()))))
    assert fast.pictures == fast.frames == 75
    assert fast.clock.shown_s / (between_s - before_s) >= 20
    assert real.frames == 51
    assert real.clock.shown_s / (after_s - between_s) >= 2
    assert used_mb < 1536


def processor_s() -> float:
    """Seconds of processor time that this process and all it started have used so far."""
    times = os.times()
    used_s = times.user + times.system + times.children_user + times.children_system
    for process in filter(draws, descendants(os.getpid())):
        with suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            used_s += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return used_s


def proportional_mb(process: int) -> float:
    """A process's memory, what it shares with others divided among them."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1]) / 1024  # type: ignore[index]


def draws(process: int) -> bool:
    """Whether it is the browser, what drives it, or the encoder."""
    try:
        command = Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return False
    return any(name in command for name in ("chrom", "playwright", "ffmpeg"))


def descendants(process: int) -> list[int]:
    """Every process that this one started, and those started by them."""
    found: list[int] = []
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            listed = children.read_text().split()
        except OSError:
            continue
        for child in map(int, listed):
            found += [child, *descendants(child)]
    return found


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def name_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return ""


def test_a_killed_render_leaves_no_process_and_no_file(renderer: Renderer, tmp_path: Path) -> None:
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    out.mkdir()
    scratch.mkdir()
    source = write(tmp_path / "made.json", long_session(2000))
    program = (
        "import sys; from user_intel.terminal.replaying import Asked, run_render; from pathlib import Path;"
        "run_render(Path(sys.argv[1]), Path(sys.argv[2]), Asked(None, None, [], [], False))"
    )
    command = [sys.executable, "-c", program, str(source), str(out / "video.mp4")]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env={**os.environ, "USER_INTEL_HOME": str(tmp_path), "TMPDIR": str(scratch)})  # fmt: skip
    family: dict[int, str] = {}

    def is_encoding() -> bool:
        family.update({process: name_of(process) for process in descendants(child.pid)})
        return "ffmpeg" in family.values()

    try:
        wait_until(is_encoding, "ffmpeg was started", 60)
        time.sleep(1)
        is_encoding()
        assert child.poll() is None
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert {"ffmpeg", "chromium"} <= set(family.values())
    wait_until(lambda: not any(map(is_alive, family)), "every process of the render ended")
    assert list(out.iterdir()) == []
    assert list(scratch.iterdir()) == []


def test_a_failed_render_leaves_the_old_file_alone(renderer: Renderer, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"old")
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\necho 'no space left on the moon' >&2\nexit 3\n")
    broken.chmod(0o755)
    failing = Renderer(
        renderer.browser, SETTINGS.model_copy(update={"ffmpeg": broken}), renderer.product, renderer.steps
    )
    with recorded(tmp_path, *long_session(9)) as recording:
        with pytest.raises(PlayerError, match="no space left on the moon"):
            failing.render(recording, overview(recording, Watch()), out)

        def stop(_done: int, _of: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            renderer.render(recording, overview(recording, Watch()), out, progress=stop)
        assert out.read_bytes() == b"old"
        renderer.render(recording, overview(recording, Watch()), out)
    assert out.read_bytes()[4:8] == b"ftyp"
    assert {path.name for path in tmp_path.iterdir()} == {"out.mp4", "ffmpeg", "made.json"}


def test_a_file_system_without_nameless_files_gets_its_video_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), GREEN).save(picture, "JPEG")
    really_open = os.open

    def refuse_nameless(path: str, flags: int, *more: Any, **named: Any) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "no nameless files here")
        return really_open(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refuse_nameless)
    with Encoder(ffmpeg_path(SETTINGS), tmp_path / "out.mp4", 3) as encoder:
        for _ in range(3):
            encoder.write(picture.getvalue())
        assert list(tmp_path.iterdir()) == []
        size = encoder.finish()
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("out.mp4", size)]
    with (
        pytest.raises(PlayerError, match=r"ffmpeg could not encode none\.mp4"),
        Encoder(ffmpeg_path(SETTINGS), tmp_path / "none.mp4", 3) as encoder,
    ):
        encoder.finish()
    assert not (tmp_path / "none.mp4").exists()


def test_what_is_missing_is_named_with_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    bare = SETTINGS.model_copy(update={"player": tmp_path})
    missing = tools.missing(bare)
    assert [re.search(r"apt-get install \w+|watch-player\.sh", words)[0] for words in missing] == [  # type: ignore[index]
        "apt-get install chromium", "apt-get install ffmpeg", "watch-player.sh",
    ]  # fmt: skip
    with pytest.raises(PlayerError, match="USER_INTEL_CHROMIUM names"):
        browser.chromium_path(SETTINGS.model_copy(update={"chromium": tmp_path / "none"}))
    with pytest.raises(PlayerError, match="cannot be written"):
        Encoder(Path("/bin/cat"), tmp_path / "none" / "x.mp4", 3)


def test_a_moment_outside_the_session_is_refused(tmp_path: Path) -> None:
    with (
        recorded(tmp_path, *long_session(20)) as recording,
        pytest.raises(RecordingError, match="has seconds 0 to 19"),
    ):
        around(recording, 30, Watch())


def test_every_real_recording_is_rendered(renderer: Renderer, shared_data: Path, tmp_path: Path) -> None:
    paths = sorted((shared_data / "rrweb").glob("*.json"))
    some = {"rrweb-player_demo_events.json", "highlight_capacitor.json"}
    chosen = paths if os.environ.get("CI") == "true" else [path for path in paths if path.name in some]
    for path in chosen:
        with open_recording(path) as recording:
            clip = renderer.render(recording, overview(recording, renderer.product.watch), tmp_path / "c.mp4")
        assert clip.undrawn == 0, path.name
        assert frame(clip, clip.frames - 1).size == (1280, 800)


def test_what_contradicts_itself_or_needs_scripts_is_passed_over(renderer: Renderer, tmp_path: Path) -> None:
    page = Page()
    button, canvas = page.element("button", "Pay"), page.element("canvas", width="120", height="60")
    document = page.document(button, canvas, page.element("video", controls=True))
    broken = mutation(0.2, adds=[{"parentId": 2, "nextId": None, "node": {"type": 2, "id": 900, "tagName": "a"}}])
    gone = mutation(0.3, removes=[{"parentId": 2, "id": 999}], texts=[{"id": 999, "value": "x"}])
    drawn = happening(9, 0.4, id=canvas["id"], property="fillText", args=["x"])
    late = mutation(0.5, texts=[{"id": 1, "value": "Paid"}])
    look = """() => {
      const page = player.tabs.get(0).document;
      const { width, height } = page.querySelector('canvas').getBoundingClientRect();
      return [page.querySelector('button').textContent, width, height];
    }"""
    with recorded(tmp_path, meta(width=0, height=0), snapshot(document), broken, gone, drawn, late) as recording:
        _, seen = looked_at(renderer, recording, Shot(Stretch(0, 1), 1, 2), tmp_path / "c.mp4", look)
    assert seen[-1][1] == ["Paid", 120, 60]


def test_a_page_that_hangs_is_given_up_and_the_next_recording_is_drawn(renderer: Renderer, tmp_path: Path) -> None:
    started = time.monotonic()
    with (
        pytest.raises(PlayerError, match="took longer than 1 s"),
        open_screen(renderer.browser, SETTINGS, 320, 240) as screen,
        renderer.browser.at_most(1),
    ):
        screen.page.evaluate("() => { while (true); }")
    assert time.monotonic() - started < 20
    with recorded(tmp_path, *long_session(9)) as recording:
        assert renderer.render(recording, overview(recording, Watch()), tmp_path / "c.mp4").frames == 4
