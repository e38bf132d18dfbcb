"""The shape of the database: made on first use, brought up to date on the next, refused when newer."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, event, inspect, text
from sqlmodel import SQLModel

from models.alarm import AlarmRow, ChartRow
from models.asking import AskingRow
from models.audit import AuditHeadRow, AuditRow
from models.budget import SpentRow
from models.campaign import ActRow, CampaignRow
from models.cluster import CopiedRow, OriginalKeyRow, OriginalRow, RegroupedRow, RegroupingRow
from models.coverage import CoverageRow
from models.edit import EditedRow
from models.errors import StoreError
from models.generation import GenerationRow
from models.hole import HoleRow
from models.incident import IncidentRow, WatchRow
from models.item import ItemRow
from models.lease import LeaseRow
from models.mention import MentionRow
from models.monitor import AlertRow, MonitorRow
from models.outbox import DigestRow, OutboxRow
from models.person import InvitationRow, KnockRow, PersonRow, SessionRow, TokenRow
from models.post import PostRow, SightingRow
from models.reply import ReplyRow, SavedViewRow
from models.sample import SampleRow
from models.seal import Seal
from models.store import words_index
from models.store.growing import only_grows
from models.tag import QuestionRow, TagRow, VerdictRow
from models.tally import TallyRow
from models.tombstone import GonePostsRow, GoneVoicesRow, RetentionRow, TombstoneRow
from models.words import WordsRow

NEWEST = "0021"
"""The migration this code belongs to; a test holds it equal to the newest file's."""

MOVING = "moving"
"""What stands in the place of a migration while a database is being moved in: nobody else may use it."""

TABLES = (
    IncidentRow,
    WatchRow,
    PostRow,
    WordsRow,
    MentionRow,
    SightingRow,
    TagRow,
    VerdictRow,
    QuestionRow,
    CoverageRow,
    HoleRow,
    SpentRow,
    SampleRow,
    LeaseRow,
    ItemRow,
    TallyRow,
    OriginalRow,
    OriginalKeyRow,
    CopiedRow,
    RegroupingRow,
    RegroupedRow,
    PersonRow,
    SessionRow,
    InvitationRow,
    TokenRow,
    KnockRow,
    ReplyRow,
    SavedViewRow,
    ActRow,
    CampaignRow,
    MonitorRow,
    AlertRow,
    AuditRow,
    AuditHeadRow,
    AlarmRow,
    ChartRow,
    OutboxRow,
    DigestRow,
    TombstoneRow,
    GonePostsRow,
    GoneVoicesRow,
    RetentionRow,
    AskingRow,
    GenerationRow,
    EditedRow,
)

metadata = SQLModel.metadata


@event.listens_for(SQLModel.metadata.tables["words"], "after_create")
def _index(_table: object, connection: Connection, **_: object) -> None:
    words_index.make(connection)


@event.listens_for(SQLModel.metadata.tables["audit"], "after_create")
def _only_grows(_table: object, connection: Connection, **_: object) -> None:
    only_grows(connection)


MIGRATIONS = Path(__file__).parent.parent / "migrations"


def stands_at(engine: Engine) -> str | None:
    """Return the migration a database stands at; None when it is empty."""
    with engine.execution_options(amends="read").connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine, seal: Seal) -> None:
    """Bring a database to the newest shape; StoreError if it is from a newer Amends."""
    at = stands_at(engine)
    if at == NEWEST:
        return
    if at == MOVING:
        message = "only a part of a home was moved into this database yet"
        raise StoreError(message, "run the same `amends db move` again, from the old database")
    # Alembic takes a third of a second to import; most commands find the database up to date.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if at is not None and at not in known:
        message = (
            f"the database is from a newer Amends (its shape is {at}, this one knows {NEWEST})"
        )
        raise StoreError(message, "install that version, or name another home")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["seal"] = seal
        command.upgrade(config, "head")
