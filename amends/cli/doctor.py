"""`amends doctor`: numbered findings, each with its remedy."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.desk import Desk
from amends.cli.show import As, show

if TYPE_CHECKING:
    from models.store import Store

COLUMNS = ("finding", "level", "what", "remedy")
LEAST_ROOM = 500 * 1024**2
LATE = timedelta(hours=1)
"""How long a message may be on its way before that is worth a word."""

FAULTS = {
    "loose": ("E13", "error", "amends restore FILE --replace, or backfill what is missing"),
    "ahead": ("E14", "error", "amends restore FILE --replace, or backfill what it may have missed"),
    "behind": ("W15", "warning", "nothing is lost: its next round asks for them again"),
    "unfound": ("W16", "warning", "nothing is lost: amends doctor --words-anew"),
}
"""What doctor says of each kind of fault between rows and bookmarks."""

Finding = tuple[str, str, str, str]


def add_to(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    words_anew: Annotated[
        bool, typer.Option("--words-anew", help="First make the index that searches go by anew.")
    ] = False,
    as_: Annotated[As, typer.Option("--as", help="How to print it.")] = As.table,
) -> None:
    """
    Look the installation over. Findings: E must be mended, W should be, I is good to know.

    Example: amends doctor --as json
    """
    desk: Desk = context.obj
    if words_anew:
        with desk.open_store() as store, store.begin() as tx:
            tx.words.anew()
            tx.audit.note("made anew", "words", by=desk.me, now=desk.now())
    found = [*_home(desk), *_left(desk), *_store(desk), *_classifier(desk), *_secrets(desk)]
    lines = [
        {"finding": code, "level": level, "what": what, "remedy": remedy}
        for code, level, what, remedy in found
    ]
    show(COLUMNS, lines, as_)
    desk.next("amends check", "really ask every watch")
    if any(line["level"] == "error" for line in lines):
        raise typer.Exit(1)


def _home(desk: Desk) -> Iterator[Finding]:
    yield "I01", "info", f"the home is {desk.home.path}", ""
    free = shutil.disk_usage(desk.home.path).free
    if free < LEAST_ROOM:
        yield "E02", "error", f"only {free // 1024**2} MB are free on its disk", "make room"
    if not desk.environment.get("AMENDS_CONTACT"):
        what = "the sites we ask aren't told whom to write to"
        yield "W03", "warning", what, "export AMENDS_CONTACT=you@company.example"
    if desk.environment.get("AMENDS_PROXY"):
        what = "every question goes through the proxy in AMENDS_PROXY"
        yield "I04", "info", what, "it must refuse private addresses itself"


def has_log_fault(number: str) -> bool:
    """Return whether a SQLite of this number has the WAL-reset fault: 3.7.0 to 3.51.2."""
    version = tuple(int(part) for part in number.split("."))
    mended_later = (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51)
    return (3, 7) <= version < (3, 51, 3) and not mended_later


def _left(desk: Desk) -> Iterator[Finding]:
    """Name what holds posts beside the database, where no erasure would look."""
    from amends import restore
    from models.whole import left_behind

    home = desk.home.path
    for path in left_behind(home, restore.BEGUN):
        what = f"a restore was cut short: {path} holds what it had unpacked"
        yield "W05", "warning", what, "run the same amends restore again, with --replace"
    for path in sorted(home.glob(f"{restore.ASIDE}-*")):
        yield _aside(str(path))

    if desk.home.erasing.exists():
        what = "an erasure was cut short, so traces of what was to go may be left"
        yield "W07", "warning", what, "run the same amends erase again"


def _aside(where: str) -> Finding:
    what = f"{where} holds what was here before a restore, posts included"
    return "W06", "warning", what, "delete it once what was restored is right"


def _store(desk: Desk) -> Iterator[Finding]:
    from amends.restore import ASIDE
    from models.errors import AmendsError
    from models.store import dialect
    from models.store.restore import set_aside

    try:
        with desk.open_store() as store:
            yield from (_aside(f"the schema {name}") for name in set_aside(store, ASIDE))
            with store.read() as tx:
                version = dialect.version_of(tx.session.connection())
            yield "I10", "info", f"posts are kept in {version}", ""
            name, _, number = version.partition(" ")
            if name == "SQLite" and has_log_fault(number):
                what = (
                    f"SQLite {number} has the WAL-reset fault (3.7.0 to 3.51.2): very rarely, a write "
                    "while another program clears the log loses posts or damages the file"
                )
                remedy = (
                    "use a Python with SQLite 3.51.3 or newer (or 3.50.7, 3.44.6), or PostgreSQL; "
                    "until then one `amends run` at a time, and `amends backup` every day"
                )
                yield "W12", "warning", what, remedy
            yield from _erased(desk, store)
            yield from _soundness(store)
            yield from _trail(store)
            yield from _watches(desk, store)
            yield from _outputs(desk, store)
    except AmendsError as error:
        yield "E10", "error", error.message, error.remedy


def _erased(desk: Desk, store: Store) -> Iterator[Finding]:
    """Say whether what was erased stays out, and whether posts are asked about again in time."""
    from ingest.again import AsksAgain

    age = desk.verify_age
    with store.read() as tx:
        misses, proofs = tx.tombstones.misses_key(), tx.verified.proofs(desk.now() - age)
        keyless, named = tx.authors.misses_key(), tx.authors.left()
    if misses:
        what = "posts were erased here, and the key that keeps them out is missing"
        yield "E17", "error", what, "put erasure.key back into the home, or: amends erase --new-key"
    if keyless:
        what = "authors stand under pseudonyms, and the key of those is missing: nothing comes in"
        yield "E18", "error", what, "put authors.key back into the home"
    elif named:
        what = f"{named:,} posts still stand under names, or under pseudonyms of an older key"
        yield "W25", "warning", what, "amends authors pseudonymise"
    for one in proofs:
        if not isinstance(desk.sources.get(one.source), AsksAgain):
            what = f"{one.posts:,} posts of {one.source}: nobody can be asked whether they are still there"
            yield "I19", "info", what, f"amends retention set DAYS --source {one.source}"
            continue
        if one.late and one.oldest is not None:
            hours = age // timedelta(hours=1)
            what = (
                f"{one.late:,} posts of {one.source} weren't verified for over {hours} hours, "
                f"the oldest since {one.oldest:%d %b %H:%M} UTC"
            )
            remedy = (
                "amends verify INCIDENT says why; amends run and amends serve go on by themselves"
            )
            yield "W18", "warning", what, remedy
        if one.untold:
            what = f"of {one.untold:,} posts {one.source} can't tell whether they are still there"
            yield "W19", "warning", what, f"amends retention set DAYS --source {one.source}"


def _soundness(store: Store) -> Iterator[Finding]:
    """Look through the whole database: seconds for every million posts."""
    from models.store import soundness

    with store.read() as tx:
        connection = tx.session.connection()
        broken = soundness.damage(connection)
        if broken:
            remedy = "amends restore FILE --replace, or move it away and backfill again"
            yield "E11", "error", f"the database is damaged: {broken}", remedy
            return
        found = soundness.faults(connection)
    for fault in found:
        code, level, remedy = FAULTS[fault.kind]
        yield code, level, fault.what, remedy


def _trail(store: Store) -> Iterator[Finding]:
    """Look whether the audit trail is as it was written."""
    from models.store.trail import prove

    with store.read() as tx:
        proof = prove(tx.session.connection(), store.seal)
    if proof.broken:
        what = f"the audit trail is broken at row {proof.broken.row}: {proof.broken.what}"
        yield "E17", "error", what, "amends audit verify"
    for one in proof.restores:
        what = f"{one.by} put back a backup of {one.made_at} at {one.at:%Y-%m-%d %H:%M} UTC"
        yield "I18", "info", what, "amends audit verify says what that means for the audit trail"


def _watches(desk: Desk, store: Store) -> Iterator[Finding]:
    with store.read() as tx:
        for row in tx.incidents.every():
            if row.closed_at is not None:
                continue
            for standing in tx.watches.standing(row.id or 0, desk.now()):
                watch = standing.row
                name = f"{row.slug}: watch {watch.id} ({watch.source})"
                if standing.state.state == "blind":
                    what = f"{name} is blind: {standing.state.why}"
                    yield "W20", "warning", what, f"mend that, then amends watch resume {watch.id}"
                if standing.lost:
                    lost = timedelta(seconds=standing.lost_seconds)
                    what = f"{name} has lost {lost} for good since {standing.lost[0].since:%d %b %H:%M} UTC"
                    yield "W21", "warning", what, "amends backfill, from an archive if there is one"


def _outputs(desk: Desk, store: Store) -> Iterator[Finding]:
    from amends.outputs.settings import read
    from models.errors import SetupError

    try:
        named = read(desk.home.path).named
    except SetupError as error:
        yield "E22", "error", error.message, error.remedy
        return
    for name, output in named.items():
        secret = getattr(output, "secret", "") or getattr(output, "password", "")
        if secret and secret not in desk.secrets:
            what = f"the output {name} needs {secret}, which isn't set"
            yield "W22", "warning", what, f"put {secret}=… into secrets.env in the home"
    with store.read() as tx:
        given_up, since = tx.outbox.given_up(), tx.outbox.waits_since()
    if given_up:
        what = f"{given_up} messages to outputs were given up"
        yield "W23", "warning", what, "amends outbox list, mend what it says, amends outbox retry"
    if since is not None and desk.now() - since > LATE:
        what = f"a message has waited for its output since {since:%d %b %H:%M} UTC"
        yield "W24", "warning", what, "amends outbox list; is amends run or amends serve running?"


def _classifier(desk: Desk) -> Iterator[Finding]:
    from classify.shelf import current
    from models.errors import AmendsError

    try:
        classifier = current(desk.home.classifiers)
    except AmendsError as error:
        yield "E30", "error", error.message, error.remedy
        return
    if classifier is None:
        yield "I31", "info", "no classifier is trained yet", "it is trained by itself on first use"
    else:
        yield "I30", "info", f"the classifier is {classifier.fingerprint}", ""


def _secrets(desk: Desk) -> Iterator[Finding]:
    for source in desk.sources.values():
        for name in source.needs:
            if name not in desk.secrets:
                what = f"{name} isn't set, so {source.name} can't be asked"
                yield "I40", "info", what, f"export {name}=… or put it into secrets.env in the home"
    if sys.version_info < (3, 11, 4):
        yield "W41", "warning", "this Python is old", "Python 3.11.4 or newer"
