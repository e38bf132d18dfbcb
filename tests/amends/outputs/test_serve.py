"""Sending beside the collecting, in one served process."""

from __future__ import annotations

import signal
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.store import Store
from tests.amends.board.test_cli_board import Served
from tests.amends.conftest import Amends
from tests.grounds import url_of
from tests.slots import odd


def test_serve_sends_the_digest_and_a_silent_output_stops_neither_it_nor_the_collecting(
    amends: Amends, home: Path
) -> None:
    """One output takes every connection and never answers; told to end, it ends in time."""
    began = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    amends(
        "incident", "open", "Discs late", "--company", "Reelpost", "--began", began, "--tz", "UTC"
    )
    amends("watch", "add", "discs-late", "thread_page", "http://127.0.0.1:1/thread", "--yes")
    store = Store.open(url_of(home))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        (home / "secrets.env").write_text(f"KEY={odd('webhook secret')}\n")
        (home / "secrets.env").chmod(0o600)
        (home / "outputs.toml").write_text(
            f'[output.silent]\nkind = "webhook"\nurl = "http://{host}/"\nsecret = "KEY"\n'
            f'[output.files]\nkind = "file"\nfolder = "{home / "out"}"\nform = "md"\n'
            '[digest]\nat = "00:00"\nto = ["silent", "files"]\n'
        )
        with Served(home, "serve", "--every", "1s", allowed=host) as served:
            for _ in range(1_800):
                with store.read() as tx:
                    (watch,) = tx.watches.of(1)
                    states = {row.destination: row.state for row in tx.outbox.rows(9)}
                if watch.asked_at is not None and states.get("files") == "sent":
                    break
                time.sleep(0.1)
            code, took, told = served.end(signal.SIGTERM)

    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    assert watch.asked_at is not None, told
    assert [path.name for path in (home / "out").glob("*")] == [
        f"digest.discs-late.{yesterday}.1.md"
    ], told
    assert states["silent"] == "waiting"
    assert code == 0 and took < 10 and "Traceback" not in told, told
    store.close()
