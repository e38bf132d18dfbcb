"""`amends restore`: a home as it was, or as it is now, and never anything else."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from ingest.collector import collect
from ingest.keep import keep
from ingest.source import Answer, Request, Response
from models.incident import Watch
from models.post import Post
from models.store import Store
from tests.amends.conftest import Amends
from tests.factories import NOW
from tests.fake import Fake, FakePlaces
from tests.grounds import url_of


class Counting(Fake):
    """A source of numbered posts: each answer goes on where the bookmark says."""

    def ask(self, watch: Watch, now: object) -> Request:
        """Ask for the next ten after the bookmark."""
        return Request(url="fake://here", state={"after": int(watch.bookmark or 0)})

    def read(self, response: Response) -> Answer:
        """Give ten posts, and the number of the last as the bookmark."""
        after = response.request.state["after"]
        posts = tuple(
            Post(source=self.name, external_id=str(n), text=f"post {n}", as_of=NOW)
            for n in range(after + 1, after + 11)
        )
        return Answer(posts=posts, bookmark=str(after + 10))


def go_on(home: Path, rounds: int) -> list[int]:
    """Collect so many rounds from the bookmark on; return the numbers of all posts kept."""
    source = Counting()
    store = Store.open(url_of(home))
    for _ in range(rounds):
        with store.read() as tx:
            watches = [row.as_watch() for row in tx.watches.of(1)]
        for outcome in collect(watches, {"fake": source}, FakePlaces(source), lambda: NOW):
            keep(store, outcome, NOW)
    with store.read() as tx:
        found = tx.session.connection().exec_driver_sql("SELECT external_id FROM post")
        numbers = sorted(int(row[0]) for row in found)
    store.close()
    return numbers


@pytest.fixture
def watched(amends: Amends, incident: str, home: Path) -> Path:
    """Return the home, in which an incident listens to the counting source."""
    from models.incident import WatchRow

    store = Store.open(url_of(home))
    with store.begin() as tx:
        tx.watches.add(WatchRow(incident_id=1, key="", source="fake", created_at=NOW))
    store.close()
    return home


def files(home: Path) -> dict[str, bytes]:
    """Return all files of a home but the database, which its opening changes, and what lies beside it for good."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not path.name.startswith(("amends.db", "audit.", "exports.jsonl"))
    }


def test_a_collector_goes_on_from_the_restored_bookmark(
    amends: Amends, watched: Path, tmp_path: Path
) -> None:
    """What came after the backup comes again, nothing is lost and nothing doubled."""
    assert go_on(watched, 3) == list(range(1, 31))
    assert amends("backup", str(tmp_path / "b.zst")).code == 0
    assert go_on(watched, 2) == list(range(1, 51))

    assert amends("restore", str(tmp_path / "b.zst"), "--replace").code == 0

    assert go_on(watched, 0) == list(range(1, 31))
    assert go_on(watched, 4) == list(range(1, 71))


def test_a_new_home_is_as_the_old_one_was(amends: Amends, watched: Path, tmp_path: Path) -> None:
    """Posts, tags and people's words in the same order, and the same files."""
    (watched / "examples").mkdir()
    (watched / "examples" / "mine.jsonl").write_text('{"text": "a", "labels": []}\n')
    (watched / "shelf.jsonl").write_text('{"name": "a", "title": "A", "kind": "brought in"}\n')
    lines = [{"id": str(n), "text": f"where is my credit? {n}", "author": "dre"} for n in range(9)]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    amends("backfill", "discs-late", "file", str(tmp_path / "p.jsonl"))
    amends("backup", str(tmp_path / "b.zst"))
    new = tmp_path / "new"

    said = amends("--home", str(new), "restore", str(tmp_path / "b.zst"))

    assert said.code == 0, said.err
    assert "secrets.env" in said.err
    listed = [amends("--home", str(one), "posts", "discs-late", "--as", "json").out
              for one in (watched, new)]  # fmt: skip
    assert listed[0] == listed[1] and len(json.loads(listed[0])) == 9
    assert files(new) == files(watched)
    found = json.loads(amends("--home", str(new), "doctor", "--as", "json").out)
    assert not [one for one in found if one["level"] == "error"]


def test_a_home_with_a_database_is_left_alone(
    amends: Amends, watched: Path, tmp_path: Path
) -> None:
    """Without --replace nothing is changed, and it says what would do."""
    amends("backup", str(tmp_path / "b.zst"))
    go_on(watched, 1)

    said = amends("restore", str(tmp_path / "b.zst"))

    assert said.code == 2
    assert "--replace" in said.err
    assert len(go_on(watched, 0)) == 10


@pytest.mark.sqlite("PostgreSQL keeps what was there in a schema of its own")
def test_what_was_there_lies_aside(amends: Amends, watched: Path, tmp_path: Path) -> None:
    """With --replace the old database is whole in a folder that is named, and doctor names it too."""
    (watched / "labels.toml").write_text("# the backup's\n")
    amends("backup", str(tmp_path / "b.zst"))
    (watched / "labels.toml").write_text("# the later one's\n")
    go_on(watched, 3)

    done = json.loads(amends("restore", str(tmp_path / "b.zst"), "--replace", "--as", "json").out)

    aside = Path(done[0]["aside"][0])
    assert aside.parent == watched
    assert go_on(aside, 0) == list(range(1, 31))
    assert go_on(watched, 0) == []
    assert (aside / "labels.toml").read_text() == "# the later one's\n"
    assert (watched / "labels.toml").read_text() == "# the backup's\n"
    (watched / "labels.toml").unlink()
    found = json.loads(amends("doctor", "--as", "json").out)
    assert str(aside) in str([one["what"] for one in found if one["finding"] == "W06"])


def test_a_damaged_database_can_be_replaced(amends: Amends, watched: Path, tmp_path: Path) -> None:
    """That is what a backup is for."""
    go_on(watched, 2)
    amends("backup", str(tmp_path / "b.zst"))
    (watched / "amends.db").write_bytes(b"\xa5" * 50_000)

    said = amends("restore", str(tmp_path / "b.zst"), "--replace")

    assert said.code == 0, said.err
    assert go_on(watched, 0) == list(range(1, 21))


@pytest.mark.sqlite("PostgreSQL is filled anew in one transaction while others are connected")
def test_a_program_that_still_runs_is_in_the_way(
    amends: Amends, watched: Path, tmp_path: Path
) -> None:
    """Nothing is changed while another one has the database open."""
    (watched / "labels.toml").write_text("# the backup's\n")
    amends("backup", str(tmp_path / "b.zst"))
    (watched / "labels.toml").write_text("# the later one's\n")
    go_on(watched, 1)
    before = files(watched)
    running = Store.open(url_of(watched))

    said = amends("restore", str(tmp_path / "b.zst"), "--replace")

    running.close()
    assert said.code == 2
    assert "stop every `amends`" in said.err
    assert files(watched) == before
    assert len(go_on(watched, 0)) == 10


def test_a_database_elsewhere_is_restored_there(
    amends: Amends, watched: Path, tmp_path: Path
) -> None:
    """AMENDS_DATABASE_URL may name a file outside the home."""
    go_on(watched, 2)
    amends("backup", str(tmp_path / "b.zst"))
    (tmp_path / "elsewhere").mkdir()
    url = f"sqlite:///{tmp_path / 'elsewhere' / 'posts.db'}"

    said = amends("--home", str(tmp_path / "new"), "restore", str(tmp_path / "b.zst"),
                  AMENDS_DATABASE_URL=url)  # fmt: skip

    assert said.code == 0, said.err
    assert not (tmp_path / "new" / "amends.db").exists()
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["posts.db"]
    assert msgspec.json.decode(amends("incident", "list", "--as", "json").out)[0]["posts"] == 20


def test_two_restores_never_meet(amends: Amends, watched: Path, tmp_path: Path) -> None:
    """The second one waits for a person to try again."""
    from amends.restore import BEGUN
    from models.whole import begun

    amends("backup", str(tmp_path / "b.zst"))
    with begun(watched, BEGUN):
        said = amends("restore", str(tmp_path / "b.zst"), "--replace")

    assert (said.code, "another restore" in said.err) == (2, True)
