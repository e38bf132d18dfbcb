"""
`make trust [PART=kills]`: the long batteries in full, one line of counts, and `tests/TRUST.md`.

A part is a few test files. Run alone it renews its own lines of the report; the others stay.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.slots import NAMES
from tests.slots.plugin import MODE

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "tests" / "TRUST.md"

SECRETS = "secrets"
"""The part that is the whole suite, with a secret in every slot."""

PARTS: dict[str, tuple[str, ...]] = {
    "kills": (
        "tests/amends/test_kill_sweep.py",
        "tests/amends/test_killed.py",
        "tests/amends/test_restore_killed.py",
        "tests/amends/test_db.py",
    ),
    "send": (
        "tests/amends/test_send_kills.py",
        "tests/amends/outputs/test_schedule.py",
        "tests/amends/outputs/test_chats.py",
        "tests/amends/outputs/test_mail.py",
    ),
    "erase": (
        "tests/amends/test_erase_killed.py",
        "tests/amends/test_erase.py",
        "tests/amends/test_renaming_killed.py",
    ),
    "verified": (
        "tests/amends/test_verified.py",
        "tests/amends/test_upkeep.py",
        "tests/ingest/test_again_contract.py",
    ),
    "power": ("tests/models/test_power.py",),
    "disk": ("tests/amends/test_disk_full.py", "tests/amends/test_database_gone.py"),
    "workers": ("tests/amends/test_workers.py",),
    "peak": ("tests/ingest/test_peak.py", "tests/ingest/test_budget_peak.py"),
    "rivals": ("tests/amends/test_rivals.py", "tests/amends/test_rivals_files.py"),
    "machine": ("tests/amends/test_machine.py",),
    "http": ("tests/ingest/test_faults.py",),
    "guard": ("tests/ingest/test_guard.py", "tests/ingest/test_bombs.py"),
    "hooks": ("tests/amends/hooks/test_hook_kills.py", "tests/amends/hooks/test_receive.py"),
    "gate": ("tests/classify/test_gate.py",),
    "spots": ("tests/models/test_spots.py",),
    "effect": ("tests/amends/test_effect_rates.py", "tests/amends/test_effect.py"),
    "alarms": ("tests/amends/test_alarm_rates.py", "tests/amends/test_alarms.py"),
    "voices": (
        "tests/models/test_likeness.py",
        "tests/models/test_clusters.py",
        "tests/models/test_voices.py",
    ),
    "credit": (
        "tests/models/test_phase.py",
        "tests/models/test_mentions.py",
        "tests/models/test_offers.py",
        "tests/models/test_campaigns.py",
    ),
    "audit": (
        "tests/models/test_trail.py",
        "tests/amends/test_noted.py",
        "tests/amends/board/test_noted.py",
        "tests/amends/test_canaries.py",
        "tests/classify/test_unsaid.py",
    ),
    # Its own tests leak on purpose.
    SECRETS: ("tests", "--ignore=tests/test_slots.py"),
    "words": ("tests/models/test_words.py", "tests/models/test_words_kept.py"),
    "board": (
        "tests/amends/board/test_doors.py",
        "tests/amends/board/test_session.py",
        "tests/amends/board/test_guesses.py",
        "tests/amends/board/test_guard.py",
        "tests/amends/board/test_race.py",
        "tests/amends/board/test_cli_board.py",
        "tests/amends/board/test_api_fuzz.py",
        "tests/amends/board/browser/test_hostile.py",
    ),
}

HEAD = """# What the long batteries last showed

Written by `make trust`. A short form of every part runs in `make test`, with a twentieth of the number.

| part | when, at which commit | tests | failed | took | counted |
|---|---|---|---|---|---|
"""


MANY = 15
"""Cases of one test that are worth counting in the report."""


class Result(NamedTuple):
    """What one part showed."""

    part: str
    tests: int
    failed: int
    seconds: float
    counted: tuple[str, ...]

    def line(self, when: str) -> str:
        """Return the part's line of the report."""
        said = "; ".join(self.counted) or "passed or failed, nothing more"
        took = f"{self.seconds / 60:.1f} min"
        return f"| {self.part} | {when} | {self.tests} | {self.failed} | {took} | {said} |"


def run(part: str) -> Result:
    """Run one part in full."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            "-o",
            "junit_family=xunit1",
            f"--junitxml={report}",
        ]
        # The whole suite with a secret in every slot is long enough without its batteries in full.
        mode = {MODE: f"{folder}/logs"} if part == SECRETS else {"AMENDS_TRUST": "full"}
        environment = os.environ | mode | {
            "REQUIRE_ALL": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        ended = subprocess.run([*command, *PARTS[part]], cwd=ROOT, env=environment, check=False)
        suite = ET.parse(report).getroot().find("testsuite") if report.exists() else None
    if suite is None:
        return Result(part, 0, 1, time.monotonic() - started, ("nothing ran",))
    failed = sum(int(suite.get(name, "0")) for name in ("failures", "errors", "skipped"))
    told = [str(one.get("value")) for one in suite.iter("property") if one.get("name") == "trust"]
    if part == SECRETS:
        told = [_searched(suite)]
    counted = (*told, *_cases(suite)) if failed == 0 and part != SECRETS else tuple(told)
    failed = failed or int(ended.returncode != 0)
    return Result(part, int(suite.get("tests", "0")), failed, time.monotonic() - started, counted)


def _searched(suite: ET.Element) -> str:
    """Return what the search for secrets looked through."""
    files, size = (
        sum(int(one.get("value", "0")) for one in suite.iter("property") if one.get("name") == name)
        for name in ("searched files", "searched bytes")
    )
    leaks = sum(
        "slot leaks: " in str(one.get("message"))
        for kind in ("failure", "error")
        for one in suite.iter(kind)
    )
    return (
        f"{len(NAMES)} secrets in every slot of the whole suite, all logs at DEBUG: {files:,} files and "
        f"{size / 1e9:.1f} GB of files and logs searched, {leaks} leaks"
    )


def _cases(suite: ET.Element) -> list[str]:
    """Return what tests of many cases are about, from their names."""
    names = [str(case.get("name")) for case in suite.iter("testcase")]
    cases = Counter(name.partition("[")[0] for name in names)
    return [
        f"{name.removeprefix('test_').replace('_', ' ')}: {count} of {count}"
        for name, count in cases.items()
        if count >= MANY
    ]


def write(results: list[Result]) -> None:
    """Renew the lines of these parts in the report."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    when = f"{datetime.now(UTC):%Y-%m-%d}, {commit or 'no commit'}"
    lines = {}
    if REPORT.exists():
        rows = [line for line in REPORT.read_text().splitlines() if line.startswith("| ")]
        lines = {line.split("|")[1].strip(): line for line in rows}
    lines |= {result.part: result.line(when) for result in results}
    REPORT.write_text(HEAD + "\n".join(lines[part] for part in PARTS if part in lines) + "\n")


def told() -> str:
    """Return the report's lines for the README: the part, and what it counted."""
    rows = [line.split("|") for line in REPORT.read_text().splitlines()[6:]]
    return "\n".join(f"- **{row[1].strip()}** ({row[2].strip()}): {row[6].strip()}" for row in rows)


def main() -> int:
    """Run the part named, or all."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        print(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
        return 2
    results = []
    for part in wanted:
        results.append(run(part))
        write(results)
    tests, failed = (sum(getattr(each, name) for each in results) for name in ("tests", "failed"))
    minutes = sum(each.seconds for each in results) / 60
    print(f"{len(results)} parts, {tests} tests, {failed} failed, {minutes:.1f} minutes")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
