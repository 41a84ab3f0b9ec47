"""Failure alerts to a Slack webhook and by e-mail. Which runs deserve one is decided by the orchestrator."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal
from urllib.parse import unquote, urlsplit

from user_intel.errors import ConfigError, SourceError
from user_intel.settings import Settings

Receiver = Literal["slack", "email"]
TIMEOUT_S = 20
LONGEST_REASON = 1_000


@dataclass(frozen=True)
class Alert:
    """One failed run: its job, the days it was about, why it failed and where to read on."""

    job: str
    days: str
    reason: str
    link: str

    @property
    def subject(self) -> str:
        """The alert in one line."""
        return f"user_intel: {self.job} failed for {self.days}"

    @property
    def body(self) -> str:
        """The reason (its first thousand characters) and the link."""
        return f"{self.reason[:LONGEST_REASON]}\n\n{self.link}"


def receivers(settings: Settings) -> list[Receiver]:
    """Who is told, as configured; empty when nobody is."""
    found: list[Receiver] = []
    if settings.slack_webhook_url:
        found.append("slack")
    if settings.smtp_url and settings.alert_email_to:
        found.append("email")
    return found


def send(settings: Settings, alert: Alert) -> None:
    """Tells every configured receiver. Raises SourceError naming those that could not be told, after trying all."""
    failed = [reason for receiver in receivers(settings) if (reason := _tried(receiver, settings, alert))]
    if failed:
        raise SourceError("Could not deliver a failure alert: " + "; ".join(failed))


def _tried(receiver: Receiver, settings: Settings, alert: Alert) -> str | None:
    # The addresses carry secrets (webhook token, password), so only the kind of fault is told.
    import httpx

    try:
        if receiver == "slack":
            _to_slack(settings, alert)
        else:
            _by_email(settings, alert)
    except (httpx.HTTPError, OSError, smtplib.SMTPException) as error:
        return f"{receiver} ({type(error).__name__})"
    return None


def _to_slack(settings: Settings, alert: Alert) -> None:
    import httpx

    address = settings.slack_webhook_url
    if address is None:
        return
    text = f"*{alert.subject}*\n{alert.body}"
    httpx.post(address.get_secret_value(), json={"text": text}, timeout=TIMEOUT_S).raise_for_status()


def _by_email(settings: Settings, alert: Alert) -> None:
    if settings.smtp_url is None or settings.alert_email_to is None:
        return
    server = urlsplit(settings.smtp_url.get_secret_value())
    if server.scheme not in ("smtp", "smtps") or not server.hostname:
        raise ConfigError("SMTP_URL must look like smtp://user:password@host:587 (STARTTLS) or smtps://host:465.")
    message = EmailMessage()
    message["Subject"] = alert.subject
    message["From"] = unquote(server.username or "") or f"user-intel@{server.hostname}"
    message["To"] = settings.alert_email_to
    message.set_content(alert.body)
    with _connected(server.scheme, server.hostname, server.port) as smtp:
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_S, context=ssl.create_default_context())
    smtp = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_S)
    smtp.ehlo()
    if smtp.has_extn("starttls"):
        smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo()
    return smtp
