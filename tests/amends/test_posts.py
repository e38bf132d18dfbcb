"""`amends posts` as a person reads it who means to answer."""

from __future__ import annotations

import json
from pathlib import Path

from tests.amends.conftest import Amends
from tests.amends.test_cli import LINES, jsonl


def test_the_table_shows_the_numbers_corrections_go_by(
    amends: Amends, incident: str, tmp_path: Path
) -> None:
    """Each beside its post, as `classify correct` takes it."""
    amends("backfill", incident, "file", jsonl(tmp_path / "p.jsonl", LINES))

    table = amends("posts", incident).out.splitlines()
    line = next(line for line in table if "where is my credit" in line)
    corrected = amends("classify", "correct", line.split()[0], "praise", "--by", "ana")

    assert corrected.code == 0, corrected.err
    praised = amends("posts", incident, "--label", "praise", "--as", "jsonl").out
    assert json.loads(praised)["external_id"] == "2"
