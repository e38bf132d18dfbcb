"""A folder in which each event is a file under its id, there whole or not at all."""

from __future__ import annotations

from pathlib import Path

from amends.digest import as_html, as_markdown
from amends.digest.markdown import escaped
from amends.outputs.event import Event, Sheet
from amends.outputs.mail import text_of
from amends.outputs.mail_html import mail_html
from amends.outputs.message import message_of
from amends.outputs.settings import Folder
from amends.outputs.webhook import webhook_body
from models.errors import OutputBusy
from models.whole import begun, put

_ENDS = {"html": "html", "md": "md", "text": "txt", "json": "json"}


def put_file(output: Folder, event: Event) -> str:
    """Write an event into the folder; the same event again takes the place of its file."""
    folder = Path(output.folder).expanduser()
    place = folder / f"{event.id}.{_ENDS[output.form]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with begun(folder, event.id) as work:
            fresh = work / place.name
            fresh.write_bytes(_content(output, event))
            put(fresh, place, replace=True)
    except OSError as error:
        message = f"{folder} can't be written: {error.strerror or error}"
        raise OutputBusy(message, "check who owns it and whether there is room") from error
    return ""


def _content(output: Folder, event: Event) -> bytes:
    if output.form == "json":
        return webhook_body(event) + b"\n"
    if output.form == "text":
        return text_of(event).encode()
    if output.form == "html":
        # A digest has a sheet of its own, with a chart in it.
        sheet = isinstance(event.value, Sheet)
        return (as_html(event.value.digest) if sheet else mail_html(event, "")).encode()  # type: ignore[union-attr]
    return _markdown(event).encode()


def _markdown(event: Event) -> str:
    if isinstance(event.value, Sheet):
        return as_markdown(event.value.digest)
    message = message_of(event)
    items = [f"- {escaped(item.text)}" for part in message.parts for item in part.items]
    return "\n".join([f"# {escaped(message.title)}", "", escaped(message.text), "", *items]) + "\n"
