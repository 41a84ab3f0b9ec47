"""A failed run is told by Slack webhook and e-mail, over real sockets; secrets never show when that fails."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from user_intel import alerts
from user_intel.alerts import Alert
from user_intel.errors import ConfigError, SourceError
from user_intel.settings import Settings
from user_intel_tests.postgres import free_port

ALERT = Alert(job="pipeline", days="2026-11-01", reason="PostHog said no" + "!" * 2_000, link="http://ui/runs/1")


class Webhook(BaseHTTPRequestHandler):
    """Takes what Slack's incoming webhook takes; any path but /hook is unknown."""

    received: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append(json.loads(body)["text"])
        self.send_response(200 if self.path == "/hook" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def slack() -> Iterator[tuple[str, list[str]]]:
    received: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Webhook,), {"received": received}))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()


class Mailbox:
    """Keeps what was sent."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802  # its name
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def mail() -> Iterator[tuple[str, Mailbox]]:
    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", mailbox
    controller.stop()


def settings(**values: str) -> Settings:
    return Settings.model_validate(values)


def test_nobody_is_told_when_nobody_is_configured() -> None:
    assert alerts.receivers(settings(SMTP_URL="smtp://mail")) == []


def test_slack_and_mail_get_the_job_the_day_the_reason_and_the_link(
    slack: tuple[str, list[str]], mail: tuple[str, Mailbox]
) -> None:
    chosen = settings(
        SLACK_WEBHOOK_URL=f"{slack[0]}/hook", SMTP_URL=mail[0], ALERT_EMAIL_TO="a@example.com,b@example.com"
    )
    alerts.send(chosen, ALERT)
    (text,), (envelope,) = slack[1], mail[1].mails
    content = (envelope.content or b"").decode()
    for told in (text, content):
        assert "pipeline failed for 2026-11-01" in told
        assert "PostHog said no" in told
        assert "http://ui/runs/1" in told
    assert len(text) < 1_200
    assert envelope.rcpt_tos == ["a@example.com", "b@example.com"]


def test_a_receiver_that_cannot_be_told_keeps_no_other_from_being_told(
    slack: tuple[str, list[str]], mail: tuple[str, Mailbox]
) -> None:
    chosen = settings(SLACK_WEBHOOK_URL=f"{slack[0]}/T0/secret", SMTP_URL=mail[0], ALERT_EMAIL_TO="a@example.com")
    with pytest.raises(SourceError, match="slack") as caught:
        alerts.send(chosen, ALERT)
    assert "secret" not in str(caught.value)
    assert len(mail[1].mails) == 1


def test_a_mail_server_that_is_no_address_is_refused_with_the_form_expected() -> None:
    with pytest.raises(ConfigError, match="smtp://user:password@host:587"):
        alerts.send(settings(SMTP_URL="mail.example.com", ALERT_EMAIL_TO="a@example.com"), ALERT)
