"""Where the corridor's time goes, from a file to stored and tagged, stage by stage and in a profile."""

from __future__ import annotations

import cProfile
import pstats
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from amends.ahead import here
from classify.classifier import Classifier
from classify.examples import Examples, shipped
from classify.labels import Labels
from ingest.disk import Disk
from ingest.keep import keep
from ingest.registry import all_sources
from models.incident import IncidentRow, WatchRow
from models.store import Store
from tests.bench.chatter import written
from tests.bench.measure import Figures, medians

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
POSTS = 50_000
TIMES = 3
TOP = 20


def a_store(folder: str, file: Path) -> tuple[Store, WatchRow]:
    """Return an empty store with one watch."""
    store = Store.open(f"sqlite:///{folder}/amends.db")
    with store.begin() as tx:
        row = IncidentRow(slug="bench", title="Bench", company="Reelpost", began=NOW, opened_at=NOW)
        tx.incidents.add(row)
        watch, _ = tx.watches.add(
            WatchRow(incident_id=row.id or 0, key="", source="file", once=True,
                     address=str(file), created_at=NOW)
        )  # fmt: skip
    return store, watch


def corridor(classifier: Classifier, file: Path, folder: str) -> Figures:
    """Return the CPU seconds of each stage from a file to stored and tagged, in one process."""
    store, row = a_store(folder, file)
    watch, source, kept = row.as_watch(), all_sources()["file"], 0.0
    began = time.process_time()
    with Disk() as disk:
        for _ in here(watch, source, disk, lambda: NOW):
            pass
        read = time.process_time() - began
        began = time.process_time()
        for outcome, posts in here(watch, source, disk, lambda: NOW, classifier):
            brought = time.process_time()
            keep(store, outcome, NOW, posts=posts)
            kept += time.process_time() - brought
    whole = time.process_time() - began
    store.close()
    return {"read and make ready": read, "score and sketch": whole - kept - read,
            "keep with tags, words, copies and counts": kept}  # fmt: skip


def profiled(classifier: Classifier, file: Path, folder: str) -> list[str]:
    """Return where the time goes, by function, as lines of Markdown."""
    profile = cProfile.Profile()
    profile.runcall(corridor, classifier, file, folder)
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # it has no types
    total = sum(own for _, _, own, _, _ in stats.values())
    lines = ["| function | share of all, itself | calls |", "|---|---:|---:|"]
    for (file_, _, name), (_, calls, own, _, _) in sorted(
        stats.items(), key=lambda one: -one[1][2]
    )[:TOP]:
        where = "/".join(Path(file_).parts[-2:]) if file_ != "~" else "built in"
        lines.append(f"| `{name}` ({where}) | {own / total:.0%} | {calls:,} |")
    return lines


def main() -> None:
    """Measure, and print what was measured."""
    labels = Labels.load()
    classifier = Classifier.train(labels, Examples(shipped(labels), labels))
    with tempfile.TemporaryDirectory() as base:
        file = written(Path(base, "posts.jsonl"), POSTS)
        turns = iter(range(TIMES + 1))

        def fresh() -> str:
            folder = Path(base, str(next(turns)))
            folder.mkdir()
            return str(folder)

        spent = medians(lambda: corridor(classifier, file, fresh()), TIMES)
        whole = sum(spent.values())
        print(f"{POSTS:,} posts in one process, CPU seconds, medians of {TIMES}:\n")
        print("| stage | share | posts/s by itself |")
        print("|---|---:|---:|")
        for stage, seconds in spent.items():
            print(f"| {stage} | {seconds / whole:.0%} | {POSTS / seconds:,.0f} |")
        print(f"| all | 100% | {POSTS / whole:,.0f} |")
        print("\nWith a profiler, which slows what calls much more than what calls little:\n")
        print("\n".join(profiled(classifier, file, fresh())))


if __name__ == "__main__":
    main()
