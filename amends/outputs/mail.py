"""A mail as it is sent: text that is good alone, HTML beside it, and the chart inside it."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from amends.digest.text import WIDTH, as_text
from amends.outputs.addresses import mail_address
from amends.outputs.escapes import bare, header, web
from amends.outputs.event import Event, Line, Sheet
from amends.outputs.mail_html import mail_html
from amends.outputs.message import message_of
from amends.outputs.settings import Mail

LONGEST_SUBJECT = 180

# A subject that fits is one line: some programs stumble over one that begins on the next.
_POLICY = SMTP.clone(max_line_length=240)


def message_id(event: Event, output: Mail) -> str:
    """Return a mail's id: the event's, at the sender's domain."""
    return f"<{event.id}@{mail_address(output.sender).domain}>"


def mail_of(event: Event, output: Mail) -> EmailMessage:
    """Return the mail of an event: the same bytes whenever it is made."""
    mail = EmailMessage(policy=_POLICY)
    mail["Subject"] = header(message_of(event).title, LONGEST_SUBJECT)
    mail["From"] = mail_address(output.sender)
    mail["To"] = [mail_address(one) for one in output.to]
    mail["Date"] = format_datetime(event.at)
    mail["Message-ID"] = message_id(event, output)
    if event.slug:
        # All about one incident stands together.
        domain = mail_address(output.sender).domain
        mail["References"] = f"<incident.{event.slug}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text_of(event))
    picture = _picture(event)
    chart = f"chart.{event.id}@amends" if picture else ""
    mail.add_alternative(mail_html(event, chart), subtype="html")
    if picture:
        _, html = mail.iter_parts()
        html.add_related(
            picture, "image", "png", cid=f"<{chart}>", filename="hours.png", disposition="inline"
        )
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(hashlib.sha256(f"{event.id} {number}".encode()).hexdigest()[:40])
    return mail


def _picture(event: Event) -> bytes:
    value = event.value
    if isinstance(value, Line) or not any(one.posts for one in value.digest.hours):
        return b""
    from amends import charts
    from amends.digest.html import drawing

    return charts.hours_png(*drawing(value.digest))


def text_of(event: Event) -> str:
    """Return an event as plain text."""
    from textwrap import wrap

    value, message = event.value, message_of(event)
    lines: list[str] = []
    if isinstance(value, Sheet):
        if value.changes:
            lines += ["Changed since the last version", "-" * 30]
            lines += [f"- {one}" for one in value.changes] + [""]
        lines += as_text(value.digest).splitlines()
    else:
        lines += [*wrap(message.title, WIDTH), ""]
        lines += wrap(message.text, WIDTH)
        for part in message.parts:
            lines += [""]
            for item in part.items:
                lines += wrap(item.text, WIDTH, initial_indent="- ", subsequent_indent="  ")
    lines += [""]
    lines += [f"{bare(link.name, 80)}: {web(link.url)}" for link in message.links]
    return "\n".join([*lines, message.foot]) + "\n"
