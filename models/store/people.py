"""People within one transaction: who they are, and the secrets that let them in, as digests only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from models.errors import SetupError
from models.person import (
    AWHILE,
    FORGOTTEN,
    IDLE,
    INVITED,
    NOTED,
    ROLES,
    SCOPES,
    SESSION,
    InvitationRow,
    KnockRow,
    PersonRow,
    SessionRow,
    TokenRow,
    may,
)
from models.store import dialect

TOKEN_START = "amends_"  # noqa: S105  how a token begins, so that one that leaks is known
_SHOWN = 14


def digest_of(secret: str) -> str:
    """Return what is kept of a secret that is long and random: nothing can be turned back from it."""
    return hashlib.sha256(secret.encode()).hexdigest()


class People:
    """People within one transaction, which is durable."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, name: str, role: str, now: datetime) -> PersonRow:
        """Keep a new person; SetupError for a name that is taken or a role there isn't."""
        name = " ".join(name.split())
        if role not in ROLES:
            message = f"there is no role “{role}”"
            raise SetupError(message, f"use {', '.join(ROLES)}")
        if not name or len(name) > 60 or not name.isprintable() or ":" in name:
            message = f"“{name[:60]}” is no name for a person"
            raise SetupError(message, "use up to 60 letters, and no colon")
        if self.find(name) is not None:
            message = f"there is a {name} already"
            raise SetupError(message, "amends user list shows who there is")
        row = PersonRow(name=name, role=role, created_at=now)
        self._session.add(row)
        self._session.flush()
        return row

    def anybody(self) -> bool:
        """Return whether there is anybody at all, disabled or not: then people log in."""
        return self._session.exec(select(PersonRow.id).limit(1)).first() is not None

    def get(self, person_id: int) -> PersonRow:
        """Return the person of that number; SetupError if there is none."""
        row = self._session.get(PersonRow, person_id)
        if row is None:
            message = f"there is no person {person_id} here"
            raise SetupError(message, "amends user list shows who there is")
        return row

    def find(self, name: str) -> PersonRow | None:
        """Return the person of that name, in whatever case; None if there is none."""
        same = func.lower(col(PersonRow.name)) == name.strip().lower()
        return self._session.exec(select(PersonRow).where(same)).first()

    def named(self, name: str) -> PersonRow:
        """Return the person of that name; SetupError if there is none."""
        found = self.find(name)
        if found is None:
            message = f"there is no {name} here"
            raise SetupError(message, "amends user list shows who there is")
        return found

    def every(self) -> list[PersonRow]:
        """Return all people, by name."""
        return list(self._session.exec(select(PersonRow).order_by(PersonRow.name)))

    def able(self, least: str) -> list[PersonRow]:
        """Return those who may do what `least` may and are let in, by name."""
        return [one for one in self.every() if one.disabled_at is None and may(one.role, least)]

    def set_password(self, person: PersonRow, hashed: str) -> None:
        """Keep a new password's hash; everybody logged in under the old one is logged out."""
        person.password = hashed
        self.log_out(person)
        self._session.flush()

    def set_role(self, person: PersonRow, role: str) -> None:
        """Give a person another role; they have to log in again."""
        if role not in ROLES:
            message = f"there is no role “{role}”"
            raise SetupError(message, f"use {', '.join(ROLES)}")
        if role != "admin":
            self._not_the_last(person)
        person.role = role
        self.log_out(person)
        self._session.flush()

    def disable(self, person: PersonRow, now: datetime) -> None:
        """Let a person in no more, by no way; SetupError for the last admin."""
        self._not_the_last(person)
        person.disabled_at = now
        self.log_out(person)
        for token in self.tokens(person):
            token.revoked_at = token.revoked_at or now
        self._session.exec(delete(InvitationRow).where(col(InvitationRow.person_id) == person.id))
        self._session.flush()

    def enable(self, person: PersonRow) -> None:
        """Let a person in again, by a new link: the old password, sessions and tokens stay ended."""
        person.disabled_at = person.password = None
        self._session.flush()

    def _not_the_last(self, person: PersonRow) -> None:
        admins = [one for one in self.every() if one.role == "admin" and one.disabled_at is None]
        if [one.id for one in admins] == [person.id]:
            message = f"{person.name} is the only admin"
            raise SetupError(message, "make somebody else an admin first: amends user role")

    def log_in(self, person: PersonRow, now: datetime) -> str:
        """Begin a session, and return the secret for the cookie, which is kept nowhere."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.created_at) < now - SESSION))
        secret = secrets.token_urlsafe(32)
        self._session.add(SessionRow(digest=digest_of(secret), person_id=person.id or 0,
                                     created_at=now, seen_at=now))  # fmt: skip
        self._session.flush()
        return secret

    def by_session(self, secret: str, now: datetime) -> PersonRow | None:
        """Return who is logged in with that secret; None if nobody is, or not any more."""
        row = self._session.get(SessionRow, digest_of(secret))
        if row is None or now - row.created_at > SESSION or now - row.seen_at > IDLE:
            return None
        person = self._session.get(PersonRow, row.person_id)
        return None if person is None or person.disabled_at is not None else person

    def is_fresh(self, secret: str, now: datetime) -> bool:
        """Return whether a session's last use needs no note: once a minute is worth a write."""
        row = self._session.get(SessionRow, digest_of(secret))
        return row is None or now - row.seen_at < NOTED

    def seen(self, secret: str, now: datetime) -> None:
        """Note that a session is in use."""
        row = self._session.get(SessionRow, digest_of(secret))
        if row is not None and now - row.seen_at >= NOTED:
            row.seen_at = now
            self._session.flush()

    def log_out(self, person: PersonRow) -> None:
        """End all sessions of a person."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.person_id) == person.id))

    def end(self, secret: str) -> None:
        """End the session with that secret, whosever it is."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.digest) == digest_of(secret)))

    def invite(self, person: PersonRow, now: datetime) -> str:
        """Return the secret of a link that lets a person set a password, once; older ones end."""
        if person.disabled_at is not None:
            message = f"{person.name} is disabled"
            raise SetupError(message, f"let them in again first: amends user enable {person.name}")
        self._session.exec(delete(InvitationRow).where(col(InvitationRow.person_id) == person.id))
        secret = secrets.token_urlsafe(32)
        self._session.add(InvitationRow(digest=digest_of(secret), person_id=person.id or 0,
                                        until=now + INVITED))  # fmt: skip
        self._session.flush()
        return secret

    def invited(self, secret: str, now: datetime) -> PersonRow | None:
        """Return whom a link invites; None if it was used, has ended, or never was."""
        row = self._session.get(InvitationRow, digest_of(secret))
        if row is None or row.used_at is not None or row.until <= now:
            return None
        person = self._session.get(PersonRow, row.person_id)
        return None if person is None or person.disabled_at is not None else person

    def accept(self, secret: str, hashed: str, now: datetime) -> PersonRow | None:
        """Use up an invitation and set the password it is for; None if it is no longer good."""
        person = self.invited(secret, now)
        row = self._session.get(InvitationRow, digest_of(secret))
        if person is None or row is None:
            return None
        row.used_at = now
        self.set_password(person, hashed)
        return person

    def grant(
        self, person: PersonRow, title: str, scope: str, now: datetime, until: datetime
    ) -> tuple[TokenRow, str]:
        """Return a new token and its secret, which is shown once and kept nowhere."""
        if scope not in SCOPES:
            message = f"there is no scope “{scope}”"
            raise SetupError(message, f"use {' or '.join(SCOPES)}")
        if person.disabled_at is not None:
            message = f"{person.name} is disabled"
            raise SetupError(message, "a token is for somebody who may come in")
        secret = TOKEN_START + secrets.token_urlsafe(32)
        row = TokenRow(person_id=person.id or 0, title=title, start=secret[:_SHOWN],
                       digest=digest_of(secret), scope=scope, created_at=now, until=until)  # fmt: skip
        self._session.add(row)
        self._session.flush()
        return row, secret

    def tokens(self, person: PersonRow | None = None) -> list[TokenRow]:
        """Return a person's tokens, or all."""
        query = select(TokenRow).order_by(col(TokenRow.id))
        if person is not None:
            query = query.where(TokenRow.person_id == person.id)
        return list(self._session.exec(query))

    def by_token(self, secret: str, now: datetime) -> tuple[PersonRow, TokenRow] | None:
        """Return whose token that is; None if it is no good, or not any more."""
        same = TokenRow.digest == digest_of(secret)
        row = self._session.exec(select(TokenRow).where(same)).first()
        if row is None or row.revoked_at is not None or row.until <= now:
            return None
        person = self._session.get(PersonRow, row.person_id)
        return None if person is None or person.disabled_at is not None else (person, row)

    def used(self, token_id: int, now: datetime) -> None:
        """Note that a token is in use."""
        row = self._session.get(TokenRow, token_id)
        if row is not None:
            row.used_at = now
            self._session.flush()

    def revoke(self, token_id: int, now: datetime) -> None:
        """Make a token useless; SetupError if there is none of that number."""
        row = self._session.get(TokenRow, token_id)
        if row is None:
            message = f"there is no token {token_id}"
            raise SetupError(message, "amends user token list shows them")
        row.revoked_at = row.revoked_at or now
        self._session.flush()

    def knock(self, name: str, place: str, now: datetime, most: tuple[int, int]) -> int | None:
        """
        Count a password before it is looked at; None if there were too many in the last quarter hour.

        `most` are how many may be wrong for one name from one place, and from that place in all. Being
        counted first, a thousand guesses at once are no more than a thousand in a row.
        """
        dialect.alone(self._session.connection(), "knock")
        self._session.exec(delete(KnockRow).where(col(KnockRow.at) < now - FORGOTTEN))
        name = name.strip().lower()[:60]
        since = col(KnockRow.at) > now - AWHILE
        here = select(func.count()).where(KnockRow.place == place).where(since)
        theirs = self._session.exec(here.where(KnockRow.name == name)).one()
        if theirs >= most[0] or self._session.exec(here).one() >= most[1]:
            return None
        row = KnockRow(name=name, place=place, at=now)
        self._session.add(row)
        self._session.flush()
        return row.id

    def was_right(self, knock_id: int) -> None:
        """Take back the count of a password that was right."""
        self._session.exec(delete(KnockRow).where(col(KnockRow.id) == knock_id))
