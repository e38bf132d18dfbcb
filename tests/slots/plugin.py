"""The mode of the suite in which a secret stands in every slot, and whatever is written is searched for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.secret import guard_logs
from tests.slots import ENVIRONMENT, SHOWN, canary, process
from tests.slots.search import Found, files_under, searched, slots_in

MODE = "TESTS_SLOTS"
"""Names a folder for the logs of a run in this mode; without it there is no such run."""

ROOT = Path(__file__).parents[2]


class Slots:
    """Secrets in every slot of one process of the suite, and the search after each of its tests."""

    def __init__(self) -> None:
        self._logs = Path(os.environ[MODE]) / f"run-{os.getpid()}"
        self._logs.mkdir(parents=True)
        self._read: dict[Path, int] = {}
        self._printed: list[str] = []
        paths = (str(Path(__file__).parent / "site"), str(ROOT), os.environ.get("PYTHONPATH", ""))
        os.environ |= {process.LOGS: str(self._logs), "PYTHONPATH": os.pathsep.join(filter(None, paths))}  # fmt: skip
        os.environ |= {name: os.environ.get(name) or canary(slot) for name, slot in ENVIRONMENT.items()}  # fmt: skip
        guard_logs()
        self._log = process.begin()
        self._hear_what_is_read_out()

    def _hear_what_is_read_out(self) -> None:
        """Let tests that read the captured output themselves leave us a copy."""
        read, printed = pytest.CaptureFixture.readouterr, self._printed

        def readouterr(capture: pytest.CaptureFixture[Any]) -> Any:
            said = read(capture)
            printed.extend(map(str, said))
            return said

        pytest.CaptureFixture.readouterr = readouterr  # type: ignore[method-assign]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Search what the test has written: its folder, its logs and those of its processes, its output."""
        self._printed.clear()
        yield
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        found, files, size = searched(files_under(folder) if folder else [])
        logs, log_size = self._in_logs()
        printed = [text for _, _, text in getattr(item, "_report_sections", [])] + self._printed
        told = slots_in("\n".join(printed).encode("utf-8", "replace")) - SHOWN
        found += logs + [Found("what was printed", slot) for slot in sorted(told)]
        item.user_properties += [("searched files", files), ("searched bytes", size + log_size)]
        assert not found, f"slot leaks: {'; '.join(map(str, found))}"

    def _in_logs(self) -> tuple[list[Found], int]:
        found: list[Found] = []
        total = 0
        for path in files_under(self._logs):
            with path.open("rb") as file:
                file.seek(max(self._read.get(path, 0) - 64, 0))
                said = file.read()
                self._read[path] = file.tell()
            total += len(said)
            found += [Found(f"the log of process {path.stem}", slot) for slot in slots_in(said)]
        self._forget(Path(self._log.baseFilename))
        return found, total

    def _forget(self, mine: Path) -> None:
        """Make room: our own log begins anew, and those of processes that have ended go."""
        self._log.acquire()
        try:
            self._log.stream.truncate(0)
            self._read[mine] = 0
        finally:
            self._log.release()
        for path in files_under(self._logs):
            if path != mine and not Path(f"/proc/{path.stem}").exists():
                path.unlink()

    @pytest.fixture(scope="session", autouse=True)
    @staticmethod
    def _everything_is_searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        """Search all that the tests of this process left behind, once the last of them has ended."""
        yield
        found, _, _ = searched(files_under(tmp_path_factory.getbasetemp()))
        assert not found, f"slot leaks: {'; '.join(map(str, found))}"
