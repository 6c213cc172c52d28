"""E-mail by SMTP, with the message's id as its Message-ID, by which mail programs know a repetition."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from weathermap.errors import NotDelivered
from weathermap.notice.message import Channel, Message

TIMEOUT_S = 10.0


def send_email(channel: Channel, message: Message) -> None:
    """By smtp://[USER@]HOST[:PORT] (STARTTLS if offered; needed to sign in) or smtps://. Raises NotDelivered."""
    parts = urlsplit(channel.url)
    try:
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(parts.hostname or "", parts.port or 0, timeout=TIMEOUT_S) as server:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            elif parts.scheme == "smtp" and channel.secret:
                raise NotDelivered("the mail server offers no STARTTLS: no password is sent in the clear")
            if channel.secret:
                server.login(parts.username or channel.sender, channel.secret)
            server.send_message(letter(channel, message))
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotDelivered(f"SMTP {code} {_text(said)}", final=code >= 550) from error
    except smtplib.SMTPResponseException as error:
        final = error.smtp_code >= 550 and not isinstance(error, smtplib.SMTPAuthenticationError)
        raise NotDelivered(f"SMTP {error.smtp_code} {_text(error.smtp_error)}", final=final) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(f"no answer: {getattr(error, 'strerror', None) or error or type(error).__name__}") from error


def letter(channel: Channel, message: Message) -> EmailMessage:
    """The message as a letter."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = channel.sender, channel.recipient, message.title
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}@{channel.sender.rpartition('@')[2]}>"
    mail["X-Message-Id"] = message.id
    mail.set_content("\n\n".join(part for part in (message.text, message.link) if part) + "\n")
    return mail


def _text(said: bytes | str) -> str:
    return (said.decode(errors="replace") if isinstance(said, bytes) else said)[:200]
