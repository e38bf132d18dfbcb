"""`amends classify archive` with real workers, of which one is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
from pyarrow import parquet

from classify.classifier import Classifier
from tests.classify.said import ANAS_FAN, CLEO, DRE

FILES, POSTS = 30, 400
SAID = (CLEO, DRE, ANAS_FAN)


def begin(home: Path, source: Path, dest: Path) -> subprocess.Popen[str]:
    """Begin scoring with two workers."""
    words = [sys.executable, "-m", "amends", "--home", str(home), "classify", "archive",
             source.as_uri(), str(dest), "--workers", "2", "--as", "json"]  # fmt: skip
    pipe = subprocess.PIPE
    return subprocess.Popen(words, text=True, stdout=pipe, stderr=pipe)


def test_a_killed_worker_costs_its_piece_alone(tmp_path: Path, classifier: Classifier) -> None:
    """Another takes it up, what was done isn't done again, and no post is missing or there twice."""
    home, source, dest = (tmp_path / name for name in ("home", "posts", "scored"))
    classifier.save(home / "classifiers" / classifier.fingerprint)
    (home / "classifiers" / "current").write_text(classifier.fingerprint)
    source.mkdir()
    for file in range(FILES):
        lines = [{"id": f"{file}-{n}", "text": f"{SAID[n % 3]} {n}"} for n in range(POSTS)]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (source / f"{file}.jsonl").write_text(text, encoding="utf-8")
    with begin(home, source, dest) as running:
        done: dict[Path, int] = {}
        while not done and running.poll() is None:
            time.sleep(0.01)
            done = {path: path.stat().st_mtime_ns for path in dest.glob("_pieces/*.json")}
        workers = [
            child
            for child in psutil.Process(running.pid).children()
            if "spawn_main" in " ".join(child.cmdline())
        ]
        workers[0].kill()
        said, told = running.communicate(timeout=120)
    assert running.returncode == 0, told
    ids = [
        row
        for path in dest.glob("day=*/label=complaint/*.parquet")
        for row in parquet.read_table(path, columns=["id"], partitioning=None)["id"].to_pylist()
    ]
    tags, _ = classifier.tag([(n, f"{SAID[n % 3]} {n}") for n in range(POSTS)])
    complaints = [tag.post_id for tag in tags if tag.label == "complaint"]
    assert sorted(ids) == sorted(f"{file}-{n}" for file in range(FILES) for n in complaints)
    assert {row["label"]: row["posts"] for row in json.loads(said)}["complaint"] == len(ids)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert len(list(dest.glob("_pieces/*.json"))) == FILES
