"""outputs.toml: what it says, and each mistake in a sentence that names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from amends.outputs.settings import Mail, Outputs, read
from models.errors import SetupError

GOOD = """
board = "https://amends.reelpost.example/"

[output.team-mail]
kind = "smtp"
host = "mail.reelpost.example"
from = "Amends <amends@reelpost.example>"
to = ["ana@reelpost.example", "Bo <bo@reelpost.example>"]
user = "amends"
password = "SMTP_PASSWORD"

[output.comms]
kind = "slack"
secret = "SLACK_WEBHOOK"

[output.desk]
kind = "webhook"
url = "https://desk.reelpost.example/hooks/amends"
secret = "DESK_KEY"

[digest]
at = "08:00"
to = ["team-mail", "comms"]

[incident.discs-late]
at = "07:30"
to = ["desk"]

[routes]
alarm = ["comms"]
"""
MAIL = '[output.m]\nkind = "smtp"\nhost = "h"\nfrom = "a@b.example"\nto = ["c@d.example"]\n'


def test_it_says_where_what_goes_and_when(tmp_path: Path) -> None:
    """For the home, and differently for one incident."""
    (tmp_path / "outputs.toml").write_text(GOOD)
    outputs = read(tmp_path)
    mail = outputs.get("team-mail")
    assert isinstance(mail, Mail) and (mail.port, mail.security) == (587, "starttls")
    everywhere, here = outputs.plan_for("other"), outputs.plan_for("discs-late")
    assert everywhere and here
    assert (everywhere.at, everywhere.to) == ("08:00", ("team-mail", "comms"))
    assert (here.time().isoformat(), here.to) == ("07:30:00", ("desk",))
    assert outputs.to("alarm") == ("comms",) and outputs.to("other") == ()
    assert outputs.board == "https://amends.reelpost.example"


def test_without_the_file_nothing_goes_anywhere(tmp_path: Path) -> None:
    """That is no mistake."""
    assert read(tmp_path) == Outputs() and Outputs().plan_for("discs-late") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "can't be read"),
        ("\x00", "can't be read"),
        ("digets = 1", "“digets” means nothing there"),
        ("[output]\nm = 3", "output “m”: Expected `object`, got `int`"),
        ("output = 3", "“output” isn't a table"),
        ('[output.m]\nkind = "pigeon"', "output “m”: Invalid value 'pigeon' (at kind)"),
        ('[output.m]\nhost = "h"', "missing required field `kind`"),
        (MAIL + 'hots = "x"', "output “m”: it contains unknown field `hots`"),
        (MAIL + 'port = "x"', "output “m”: Expected `int`, got `str` (at port)"),
        (MAIL + 'security = "none"\nuser = "u"\npassword = "P"', "never sent without TLS"),
        (MAIL + 'user = "u"', "belong together"),
        (MAIL.replace("c@d.example", ""), "“” isn't one mail address"),
        (MAIL.replace("c@d.example", "c"), "“c” isn't one mail address"),
        (MAIL.replace("c@d.example", "c@d.example, e@f.example"), "isn't one mail address"),
        (MAIL.replace("a@b.example", "a@b.example\\r\\nBcc: x@y.example"), "isn't one mail address"),
        (MAIL.replace('["c@d.example"]', "[]"), "names nobody"),
        ('[output.w]\nkind = "webhook"\nurl = "file:///etc/passwd"\nsecret = "S"', "isn't a web address"),
        ('[output.w]\nkind = "webhook"\nurl = "https://a.example"', "missing required field `secret`"),
        ('[digest]\nat = "8 o\'clock"', "[digest]: “8 o'clock” is no time of day"),
        ('[digest]\nat = "25:00"', "is no time of day"),
        ('[digest]\nto = ["nobody"]', "there is no [output.nobody]"),
        ('[incident.x]\nto = ["nobody"]', "there is no [output.nobody]"),
        ('[routes]\nalarm = ["nobody"]', "there is no [output.nobody]"),
        ('board = "javascript:alert(1)"', "`board` isn't a web address"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    """And with what to do about it."""
    (tmp_path / "outputs.toml").write_text(text)
    with pytest.raises(SetupError) as wrong:
        read(tmp_path)
    assert said in wrong.value.message and "outputs.toml" in wrong.value.message
    assert wrong.value.remedy
