"""The wheel: one name at its top, and a demo that runs from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from classify.shelf import current
from tests.battery import FULL

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "-o",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_has_one_name_at_its_top(wheel: Path) -> None:
    """`models` would clash with anybody's; it lies inside."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"amends"}
    assert "amends/rooms/models/migrations/versions/0001_the_house.py" in names
    assert "amends/rooms/classify/labels.toml" in names
    assert any(name.startswith("amends/incidents/") for name in names)
    assert not any("tests/" in name for name in names)


LEARNS_FROM = """
import sys
from classify.examples import Examples, shipped
from classify.labels import Labels
labels = Labels.load()
sys.stdout.write(Examples(shipped(labels), labels).digest)
"""


def test_the_installed_wheel_plays_the_demo(wheel: Path, trained: Path, tmp_path: Path) -> None:
    """
    In an environment of its own, beside a stranger's package called models.

    In the short form with a classifier that was trained from the checkout; what the wheel would
    train from is the very same.
    """
    if not FULL:
        shutil.copytree(trained, tmp_path / "home" / "classifiers")
    place = tmp_path / "place"
    place.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    (tmp_path / "stranger").mkdir()
    (tmp_path / "stranger" / "models.py").write_text("stranger = True\n")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(place), str(tmp_path / "stranger")]),
        "PYTHONSAFEPATH": "1",
    }
    # The checkout is on the path of this environment's editable install; the wheel stands before it.
    command = [sys.executable, "-m", "amends", "--home", str(tmp_path / "home"), "demo"]

    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert "posts: thread_page" in ended.stdout
    assert "amends --home" in ended.stderr
    where = subprocess.run(
        [sys.executable, "-c", "import amends, models; print(models.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(place / "amends" / "rooms"))
    examples = subprocess.run(
        [sys.executable, "-c", f"import amends\n{LEARNS_FROM}"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = current(trained)
    assert found is not None and examples.stdout == found.card.examples_digest
