"""The client for everything outside, against a small server over real sockets; waiting is counted, not done."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_intel.errors import BudgetError, SourceError
from user_intel.http import Clock, HttpClient, Patience, StatusError
from user_intel.rate_limits import Pace, Rate

KEY = "phx_secret_of_the_tests"
ANY = msgspec.json.Decoder(dict[str, int])


@dataclass
class Reply:
    """What the server says to one request. `cut`: bytes of the body that are promised but not sent."""

    status: int = 200
    body: bytes = b'{"n": 1}'
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    cut: int = 0
    hang_up: bool = False


class Server:
    """Says its replies one after the other, the last one for ever, and remembers what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply()]
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.lock = threading.Lock()
        self.url = ""

    def plays(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def next_reply(self) -> Reply:
        with self.lock:
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            server.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            reply = server.next_reply()
            if reply.hang_up:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) - reply.cut])
            self.close_connection = bool(reply.cut)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    server.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


class Hands:
    """A clock that only sleeping turns, and that remembers for how long each sleep was."""

    def __init__(self) -> None:
        self.time = 0.0
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def client(server: Server, hands: Hands) -> Iterator[HttpClient]:
    with HttpClient("Service", server.url, key=KEY, clock=hands.clock()) as made:
        yield made


def failing(status: int, body: object = None, **headers: str) -> Reply:
    said = {"detail": f"said {status}", "code": "why"} if body is None else body
    return Reply(status, json.dumps(said).encode(), {"content-type": "application/json", **headers})


def html(status: int) -> Reply:
    page = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    return Reply(status, page, {"content-type": "text/html"})


def test_an_answer_is_read(client: HttpClient, server: Server) -> None:
    assert client.get("/a", ANY, {"q": "1"}) == {"n": 1}
    assert client.post("/b", {"x": 1}, ANY) == {"n": 1}
    assert [(method, path) for method, path, _ in server.asked] == [("GET", "/a?q=1"), ("POST", "/b")]
    assert server.asked[0][2]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("reply", [failing(429), failing(500), failing(502), failing(503), html(502), html(503)])
def test_a_transient_failure_is_tried_again(client: HttpClient, server: Server, hands: Hands, reply: Reply) -> None:
    server.plays(reply, reply, Reply())

    assert client.get("/", ANY) == {"n": 1}
    assert len(hands.sleeps) == 2


@pytest.mark.parametrize("reply", [Reply(hang_up=True), Reply(body=b'{"n": 1, "m": 2}', cut=5)])
def test_a_broken_connection_is_tried_again(client: HttpClient, server: Server, hands: Hands, reply: Reply) -> None:
    server.plays(reply, Reply())

    assert client.get("/", ANY) == {"n": 1}
    assert len(hands.sleeps) == 1


def test_a_json_body_that_ends_early_is_asked_for_again(client: HttpClient, server: Server) -> None:
    server.plays(Reply(body=b'{"n": 1, "m"'), Reply())

    assert client.get("/", ANY) == {"n": 1}


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 413, 504, 512])
def test_other_errors_are_shown_at_once_in_the_services_words(
    client: HttpClient, server: Server, hands: Hands, status: int
) -> None:
    server.plays(failing(status))

    with pytest.raises(StatusError, match=f"answered {status}: said {status}") as caught:
        client.get("/", ANY)
    assert (caught.value.status, caught.value.code) == (status, "why")
    assert hands.sleeps == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (failing(410, {"error": "recording_deleted"}), "recording_deleted"),
        (Reply(400, b"no such thing\n at all", {}), "no such thing at all"),
        (Reply(400, b"", {}), "nothing more"),
        (html(504), "an HTML page titled '502 Bad Gateway'"),
        (Reply(400, b"x" * 5_000, {}), "x" * 400 + " ..."),
        (Reply(400, b'{"detail": "' + b"y" * 5_000 + b'"}', {}), "y" * 400 + " ..."),
    ],
)
def test_an_error_without_the_usual_envelope_is_shown_too(
    client: HttpClient, server: Server, reply: Reply, words: str
) -> None:
    server.plays(reply)

    with pytest.raises(StatusError) as caught:
        client.get("/", ANY)
    assert str(caught.value).endswith(words + ".")


def test_retry_after_is_obeyed(client: HttpClient, server: Server, hands: Hands) -> None:
    server.plays(failing(429, **{"retry-after": "41"}), Reply())

    client.get("/", ANY)

    assert 41 <= hands.sleeps[0] < 42


def test_retry_after_may_be_a_date(client: HttpClient, server: Server, hands: Hands) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.plays(failing(503, **{"retry-after": then}), Reply())

    client.get("/", ANY)

    assert 85 < hands.sleeps[0] < 91


def test_being_throttled_without_a_time_waits_half_a_minute_at_least(
    client: HttpClient, server: Server, hands: Hands
) -> None:
    server.plays(failing(429), Reply())

    client.get("/", ANY)

    assert 30 <= hands.sleeps[0] <= 45


def test_waits_grow_up_to_a_cap_and_tries_end(client: HttpClient, server: Server, hands: Hands) -> None:
    server.plays(failing(500))

    with pytest.raises(StatusError, match=r"said 500\. Gave up after 8 tries") as caught:
        client.get("/", ANY)

    assert caught.value.status == 500
    bounds = [(0.5, 1), (1, 2), (2, 4), (4, 8), (8, 16), (16, 32), (30, 60)]
    assert all(low <= wait <= high for wait, (low, high) in zip(hands.sleeps, bounds, strict=True))


def test_an_unreachable_host_is_named(hands: Hands) -> None:
    with serving() as gone:
        url = gone.url
    with (
        HttpClient("Service", url, key=KEY, patience=Patience(tries=3), clock=hands.clock()) as client,
        pytest.raises(SourceError, match=f"Service at {url} could not be reached: .* Gave up after 3 tries"),
    ):
        client.get("/", ANY)


def test_a_wait_longer_than_the_patience_is_a_budget_error_at_once(server: Server, hands: Hands) -> None:
    server.plays(failing(429, **{"retry-after": "3600"}))
    patience = Patience(request_s=600)

    with (
        HttpClient("Service", server.url, patience=patience, clock=hands.clock()) as client,
        pytest.raises(BudgetError, match="One request may take 600 s"),
    ):
        client.get("/", ANY)
    assert hands.sleeps == []


def test_all_requests_together_have_a_budget_of_retries(server: Server, hands: Hands) -> None:
    replies = [reply for _ in range(5) for reply in (failing(500), Reply())]
    server.plays(*replies)

    with HttpClient("Service", server.url, patience=Patience(retries=3), clock=hands.clock()) as client:
        for _ in range(3):
            client.get("/", ANY)
        with pytest.raises(BudgetError, match="more than 3 repeated requests"):
            client.get("/", ANY)


@pytest.mark.parametrize(("reply", "tries"), [(failing(500), 1), (Reply(hang_up=True), 1), (failing(503), 2)])
def test_a_request_that_changes_something_is_repeated_only_when_it_surely_changed_nothing(
    client: HttpClient, server: Server, reply: Reply, tries: int
) -> None:
    server.plays(reply, Reply())

    if tries == 1:
        with pytest.raises(SourceError):
            client.post("/", {}, ANY, repeatable=False)
    else:
        client.post("/", {}, ANY, repeatable=False)
    assert len(server.asked) == tries


def test_html_where_json_should_be_is_called_by_its_name(client: HttpClient, server: Server, hands: Hands) -> None:
    server.plays(html(200))

    with pytest.raises(SourceError, match="answered 200 with HTML titled '502 Bad Gateway' where JSON was expected"):
        client.get("/", ANY)
    assert hands.sleeps == []


@pytest.mark.parametrize(
    ("body", "words"), [(b'{"n": "one"}', "another shape"), (b"hello", "no JSON"), (b"[]", "another shape")]
)
def test_nonsense_is_refused(client: HttpClient, server: Server, body: bytes, words: str) -> None:
    server.plays(Reply(body=body))

    with pytest.raises(SourceError, match=words):
        client.get("/", ANY)


def test_the_key_appears_in_no_message_and_no_repr(
    client: HttpClient, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.plays(failing(500, {"detail": f"bad key {KEY}"}), failing(401, {"detail": f"bad key {KEY}"}))
    caplog.set_level(logging.DEBUG)

    with pytest.raises(StatusError, match=r"bad key \[key\]") as caught:
        client.get("/", ANY)

    assert KEY not in caplog.text + repr(client) + repr(caught.value)


def test_the_log_says_bytes_and_seconds(client: HttpClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "user_intel.http")

    client.get("/a", ANY)

    assert "Service: GET /a: 8 bytes in 0.00 s" in caplog.text


def test_a_redirected_download_never_takes_the_key_to_another_host(
    client: HttpClient, server: Server, tmp_path: Path
) -> None:
    with serving() as store:
        server.plays(Reply(302, b"", {"location": f"{store.url}/part?signature=s"}))
        store.plays(Reply(body=b"PAR1"))

        assert client.download("/download", tmp_path / "part") == 4

    assert (tmp_path / "part").read_bytes() == b"PAR1"
    assert "authorization" in server.asked[0][2]
    assert [headers.get("authorization") for _, _, headers in store.asked] == [None]


def test_a_redirected_question_is_refused_and_says_where_to(client: HttpClient, server: Server) -> None:
    server.plays(Reply(301, b"", {"location": "https://elsewhere.example/api/?token=t"}))

    with pytest.raises(StatusError, match=r"wants to be asked at https://elsewhere\.example/api/\."):
        client.post("/", {}, ANY)


def test_a_broken_download_begins_again(client: HttpClient, server: Server, tmp_path: Path) -> None:
    server.plays(Reply(body=b"x" * 1000, cut=10), Reply(body=b"y" * 1000))

    assert client.download("/", tmp_path / "part") == 1000
    assert (tmp_path / "part").read_bytes() == b"y" * 1000


def test_a_nonsensical_address_is_named() -> None:
    with pytest.raises(SourceError, match="cannot be asked"), HttpClient("Service", "no-address") as client:
        client.get("/", ANY)


def test_no_more_requests_than_allowed_are_in_flight() -> None:
    running, most, lock = [0], [0], threading.Lock()

    def slow_answer() -> Reply:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.05)
        with lock:
            running[0] -= 1
        return Reply()

    with serving() as server, HttpClient("Service", server.url, at_once=2) as client:
        server.next_reply = slow_answer  # type: ignore[method-assign]
        _together([lambda: client.get("/", ANY)] * 6)
    assert most[0] == 2


def test_requests_wait_for_every_bucket(server: Server, hands: Hands) -> None:
    rates = (Rate(2, 60), Rate(3, 3600))
    with HttpClient("Service", server.url, rates=rates, clock=hands.clock()) as client:
        for _ in range(4):
            client.get("/", ANY)

    assert hands.sleeps == [60, 3540]


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 5), st.floats(1, 30))
def test_no_window_of_time_ever_sees_more_calls_than_its_rate(gaps: list[float], calls: int, seconds: float) -> None:
    hands = Hands()
    pace, let_through = Pace([Rate(calls, seconds), Rate(2 * calls, 3 * seconds)], lambda: hands.time, hands.sleep), []
    for gap in gaps:
        hands.time += gap
        pace.wait_for_turn()
        let_through.append(hands.time)

    for rate in pace.rates:
        for first, last in zip(let_through, let_through[rate.calls :], strict=False):
            assert last - first >= rate.seconds * (1 - 1e-9)


def _together(calls: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
