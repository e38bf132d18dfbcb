"""`amends voices` as a person uses it who is asked how many people complain."""

from __future__ import annotations

import json
from pathlib import Path

from tests.amends.conftest import Amends
from tests.amends.test_cli import jsonl
from tests.models.test_clusters import CHANGED, FIRST, OTHER


def test_counting_splitting_and_taking_back(amends: Amends, incident: str, tmp_path: Path) -> None:
    """Three numbers together; each deed prints what it did and how to take it back."""
    lines: list[object] = [
        {"id": str(number), "text": text, "author": author, "created_at": "2026-03-04T10:00:00Z"}
        for number, (text, author) in enumerate(
            [(FIRST, "cleo"), (CHANGED, "dre"), (CHANGED, "dre"), (OTHER, "eve")]
        )
    ]
    amends("backfill", incident, "file", jsonl(tmp_path / "p.jsonl", lines))

    assert "4 posts, 3 voices" in amends("voices", "show", incident).err
    texts = json.loads(amends("voices", "texts", incident, "--as", "json").out)
    assert [(one["posts"], one["voices"]) for one in texts] == [(3, 2), (1, 1)]
    post = next(
        str(one["id"]) for one in json.loads(amends("posts", incident, "--as", "json").out)
        if one["text"] == CHANGED
    )  # fmt: skip
    said = amends("voices", "split", incident, post)
    assert said.code == 0 and "amends voices undo discs-late 1" in said.err
    texts = json.loads(amends("voices", "texts", incident, "--as", "json").out)
    assert sorted(one["posts"] for one in texts) == [1, 1, 2]
    listed = json.loads(amends("voices", "regroupings", incident, "--as", "json").out)
    assert [(one["id"], one["did"], one["undone_at"]) for one in listed] == [(1, "split", None)]
    assert amends("voices", "undo", incident, "1").code == 0
    assert amends("voices", "undo", incident, "1").code == 2
    assert amends("voices", "show", incident, "--day", "2026-03-01", "--as", "csv").out.startswith(
        "label,posts,voices,complaints\r\n,0,0,0"
    )
