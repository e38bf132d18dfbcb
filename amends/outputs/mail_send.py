"""
Handing a mail to a server: over TLS with its certificate checked, and within a deadline for the whole.

A recipient refused for good doesn't keep the others from getting it; one put off for a while is tried
again alone.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from amends.outputs.addresses import mail_address
from amends.outputs.settings import Mail
from models.errors import OutputBusy, OutputRefused
from models.secret import redacted

STEP = 20.0
"""Seconds for one step."""

DEADLINE = 60.0
"""Seconds for all of them."""


def send_mail(
    output: Mail,
    mail: EmailMessage,
    password: str,
    remaining: tuple[str, ...] = (),
    deadline: float = DEADLINE,
) -> str:
    """
    Send a mail to all its recipients, or only to the `remaining` ones.

    Returns what is to be said of it, such as who was refused for good. OutputBusy or OutputRefused.
    """
    to = list(remaining) or [mail_address(one).addr_spec for one in output.to]
    try:
        with _opened(output, deadline) as server:
            if password:
                server.login(output.user, password)
            refused = server.send_message(mail, mail_address(output.sender).addr_spec, to)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
        soon = _soon(refused)
        if not soon:
            message = f"{output.host} refused every recipient: {_told(refused)}"
            raise OutputRefused(message, "mend `to` in outputs.toml") from error
        message = f"{output.host} put everybody off: {_told(refused)}"
        raise OutputBusy(message, remaining=soon) from error
    except smtplib.SMTPResponseException as error:
        said = _words(error.smtp_error)
        message = f"{output.host} answered {error.smtp_code} {said}"
        if error.smtp_code >= 500:
            raise OutputRefused(message, "mend the output in outputs.toml") from error
        raise OutputBusy(message, "it will be tried again") from error
    except smtplib.SMTPNotSupportedError as error:
        message = f"{output.host} can't do that: {error}"
        raise OutputRefused(message, "mend `security` or `user` in outputs.toml") from error
    except ssl.SSLCertVerificationError as error:
        message = f"the certificate of {output.host} isn't valid ({error.verify_message})"
        raise OutputBusy(message, "name its authority's certificate as `ca`") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        message = f"{output.host} can't be reached: {error or type(error).__name__}"
        raise OutputBusy(message, "check host, port and the network") from error
    if soon := _soon(refused):
        message = f"{output.host} put off {_told({one: refused[one] for one in soon})}"
        raise OutputBusy(message, remaining=soon)
    return f"refused for good: {_told(refused)}" if refused else ""


Refused = dict[str, tuple[int, bytes]]


def _soon(refused: Refused) -> tuple[str, ...]:
    return tuple(sorted(one for one, (code, _) in refused.items() if code < 500))


def _told(refused: Refused) -> str:
    return ", ".join(f"{one} ({code} {_words(said)})" for one, (code, said) in refused.items())


def _words(said: bytes | str) -> str:
    # Struck out before it is cut, or the half of a secret would stay.
    text = redacted(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:120]


@contextmanager
def _opened(output: Mail, deadline: float) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if output.ca:
        context.load_verify_locations(output.ca)
    server = (
        smtplib.SMTP_SSL(timeout=STEP, context=context)
        if output.security == "tls"
        else smtplib.SMTP(timeout=STEP)
    )
    # A server that drips would keep every single step below its limit for ever.
    timer = threading.Timer(deadline, _cut, [server])
    timer.daemon = True
    timer.start()
    try:
        # The name a certificate is checked against; `connect` alone doesn't keep it.
        server._host = output.host  # type: ignore[attr-defined]  # noqa: SLF001
        server.connect(output.host, output.port)
        if output.security == "starttls":
            server.starttls(context=context)
        yield server
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        timer.cancel()
        server.close()


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)
