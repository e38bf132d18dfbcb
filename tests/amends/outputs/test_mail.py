"""A mail as a real mail server gets it, and what is made of each way a server can say no."""

from __future__ import annotations

import re
import subprocess
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from amends.outputs import Event, Line
from amends.outputs.mail import mail_of
from amends.outputs.mail_send import send_mail
from amends.outputs.settings import Mail
from models.errors import OutputBusy, OutputRefused
from tests.amends.outputs.conftest import MORNING, a_line, a_sheet
from tests.amends.outputs.receivers import RIGHT, Mailbox, mail_server

ANA, BO = "ana@reelpost.example", "bo@reelpost.example"


def a_mail(box: Mailbox, **said: Any) -> Mail:
    """Return an output that leads to this server."""
    plain: dict[str, Any] = {
        "host": "127.0.0.1", "port": box.port, "security": "none", "sender": "Amends <amends@reelpost.example>",
        "to": (ANA, f"Bo <{BO}>"),
    }  # fmt: skip
    return Mail(**(plain | said))


def sent(box: Mailbox, event: Event, **said: Any) -> str:
    """Send an event; return what is said of it."""
    output = a_mail(box, **said)
    return send_mail(output, mail_of(event, output), "", deadline=10)


def test_a_digest_arrives_as_text_html_and_a_picture_inside(box: Mailbox) -> None:
    """The text is good alone, the HTML shows the chart that came with it, and nothing is fetched."""
    assert sent(box, a_sheet()) == ""

    (mail,) = box.mails
    assert mail["Message-ID"] == "<digest.discs-late.2026-03-04.1@reelpost.example>"
    assert mail["References"] == "<incident.discs-late@reelpost.example>"
    assert mail["Subject"] == "Discs late in the Midwest: Wednesday 4 March 2026"
    assert mail["To"] == f"{ANA}, Bo <{BO}>" and box.to == [[ANA, BO]]
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    _, text, _, html, picture = mail.walk()
    assert "at least 4,266 posts" in " ".join(text.get_content().split())
    tree = LexborHTMLParser(html.get_content())
    (image,) = tree.css("img")
    assert image.attributes["src"] == f"cid:{picture['Content-ID'].strip('<>')}"
    assert image.attributes["alt"]
    assert picture.get_content().startswith(b"\x89PNG") and len(picture.get_content()) < 200_000
    assert not tree.css("script, link, iframe, form, [background]")
    assert "url(" not in html.get_content() and "@import" not in html.get_content()
    assert all((a.attributes["href"] or "").startswith("https://") for a in tree.css("a"))
    assert "prefers-color-scheme: dark" in html.get_content()


def test_the_same_event_is_the_same_bytes(box: Mailbox) -> None:
    """So a repeat after a crash can't differ from what was sent before it."""
    for event in (a_sheet(), a_line()):
        output = a_mail(box)
        assert mail_of(event, output).as_bytes() == mail_of(event, output).as_bytes()


def test_a_line_of_any_kind_arrives_with_its_links(box: Mailbox) -> None:
    """An alarm needs no more than a title, a sentence, and where to look."""
    sent(box, a_line())
    (mail,) = box.mails
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None
    assert "57 complaints in five minutes" in text.get_content()
    assert "Open the incident: https://amends.reelpost.example/i/discs-late" in text.get_content()
    assert "no discs again" in html.get_content() and 'href="https://amends' in html.get_content()


@pytest.mark.parametrize(
    "evil",
    ["x\r\nBcc: eve@evil.example", "x\nSubject: y\n\nbody", "\u2028\u2029\x85\x0bx", "x" * 5_000,
     "=?utf-8?q?=0d=0aBcc:_eve=40evil.example?=", "\udcff", "名" * 400, ""],
)  # fmt: skip
def test_no_title_can_add_a_header_or_a_recipient(box: Mailbox, evil: str) -> None:
    """Whatever a stranger's title holds, the headers are ours and the recipients too."""
    sent(box, a_line(value=Line(title=evil, text=evil)))
    (raw,) = box.raw
    head = raw.partition(b"\r\n\r\n")[0]
    names = re.findall(rb"^([A-Za-z-]+):", head, re.MULTILINE)
    assert sorted(names) == sorted([
        b"Subject", b"From", b"To", b"Date", b"Message-ID", b"References", b"Auto-Submitted",
        b"X-Auto-Response-Suppress", b"MIME-Version", b"Content-Type",
    ])  # fmt: skip
    assert box.to == [[ANA, BO]]
    assert max(map(len, raw.split(b"\r\n"))) < 998
    again = message_from_bytes(raw, policy=policy.default)
    assert "\n" not in str(again["Subject"]) and again["Bcc"] is None


def test_a_hostile_digest_is_only_words(box: Mailbox) -> None:
    """No picture from elsewhere, no element of theirs, no control character in the text."""
    sent(box, a_sheet("hostile"))
    (mail,) = box.mails
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None
    tree = LexborHTMLParser(html.get_content())
    assert [image.attributes["src"] or "" for image in tree.css("img")] == [
        "cid:chart.digest.discs-late.2026-03-04.1@amends"
    ]
    assert not [a for node in tree.css("*") for a in node.attributes if a.startswith("on")]
    assert not re.search(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text.get_content()
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [("451 later", OutputBusy), ("452 full", OutputBusy), ("421 bye", OutputBusy),
     ("550 no", OutputRefused), ("554 spam", OutputRefused), ("552 too big", OutputRefused)],
)  # fmt: skip
def test_a_server_that_says_later_is_waited_for_and_one_that_says_no_is_not(
    box: Mailbox, answer: str, error: type[Exception]
) -> None:
    """4xx and 5xx, as mail has it."""
    box.answers = [answer]
    with pytest.raises(error, match=answer[:3]):
        sent(box, a_line())


def test_one_recipient_refused_keeps_nobody_else_from_it(box: Mailbox) -> None:
    """Who is put off is tried again alone; who is refused for good is named."""
    box.refuses = {BO: "550 no such user"}
    assert BO in sent(box, a_line()) and box.to == [[ANA]]

    box.refuses = {BO: "450 greylisted"}
    with pytest.raises(OutputBusy, match="greylisted") as busy:
        sent(box, a_line())
    assert busy.value.remaining == (BO,)
    box.refuses = {}
    output = a_mail(box)
    send_mail(output, mail_of(a_line(), output), "", busy.value.remaining)
    assert box.to == [[ANA], [ANA], [BO]]

    box.refuses = {ANA: "550 no", BO: "550 no"}
    with pytest.raises(OutputRefused, match="every recipient"):
        sent(box, a_line())


def test_nobody_there_is_trouble_that_passes(box: Mailbox) -> None:
    """A port on which nothing listens."""
    output = a_mail(box, port=1)
    with pytest.raises(OutputBusy, match="can't be reached"):
        send_mail(output, mail_of(a_line(), output), "")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate for 127.0.0.1 that nobody knows, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mail",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.mark.faults
def test_a_password_goes_only_to_a_server_whose_certificate_is_known(
    certificate: tuple[Path, Path],
) -> None:
    """With the authority named it works; without, the password never leaves; a wrong one is refused."""
    with mail_server(certificate) as box:
        safe: dict[str, Any] = {"security": "starttls", "user": "amends", "password": "P"}
        stranger = a_mail(box, **safe)
        known = a_mail(box, **safe, ca=str(certificate[0]))
        mail = mail_of(a_line(), known)

        with pytest.raises(OutputBusy, match="certificate"):
            send_mail(stranger, mail, RIGHT)
        assert box.logins == []
        assert send_mail(known, mail, RIGHT) == ""
        with pytest.raises(OutputRefused, match="535"):
            send_mail(known, mail, "wrong")
    assert len(box.mails) == 1 and box.mails[0]["Date"] == MORNING.strftime(
        "%a, %d %b %Y %H:%M:%S +0000"
    )
