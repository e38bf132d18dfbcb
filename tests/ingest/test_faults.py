"""
Eighty faults against every source: each ends in time, in a state with a name, and alone.

Sources are found by the registry, a third-party one of `fixtures/thirdparty/` among them. Those that
read the disk have no server that could fail; `test_disk.py` and `test_file.py` are for them.
"""

from __future__ import annotations

import socket
import ssl
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.battery import Record, tell, times
from tests.ingest.faults.fault import Scene
from tests.ingest.faults.good import THIRD_PARTY, chain, every_source, is_online, recordings
from tests.ingest.faults.listed import LISTED, chosen
from tests.ingest.faults.run import run
from tests.ingest.faults.server import AUTHORITY, HOST, Server
from tests.recorded import expected, play

with every_source() as found:
    ONLINE = {name: source for name, source in found.items() if is_online(source)}
COUNT = times(len(LISTED))


@pytest.mark.parametrize("name", ONLINE)
def test_a_source_meets_the_faults(name: str, tmp_path: Path, record_property: Record) -> None:
    """Whatever a server does, nothing is lost without a word, and nobody else is kept waiting."""
    faults = chosen(list(ONLINE).index(name), COUNT)

    came = run(ONLINE[name], ONLINE, faults, tmp_path)

    tell(
        record_property,
        f"{name}: {came.cells} of {len(LISTED)} faults, {len(came.misses)} misses, longest question"
        f" {came.longest:.1f} s, {came.growth:+.0f} MiB",
    )
    assert came.cells == COUNT
    assert not came.misses, "\n".join(["", *came.misses])


def test_the_list_is_whole() -> None:
    """Eighty faults with names of their own, in six groups."""
    assert Counter(fault.group for fault in LISTED) == {
        "connection": 12, "pace": 8, "framing": 12, "status": 20, "encoding": 12, "content": 16,
    }  # fmt: skip
    assert len({fault.name for fault in LISTED}) == 80


def test_a_short_run_meets_every_group_and_over_the_sources_most_faults() -> None:
    """Eight faults of each source are enough to see that none of the groups has gone bad."""
    short = [chosen(place, 8) for place in range(len(ONLINE))]

    assert all(len({fault.group for fault in faults}) >= 5 for faults in short)
    assert len({fault.name for faults in short for fault in faults}) == 8 * len(ONLINE)


def test_a_third_party_source_is_found_and_read_as_recorded() -> None:
    """Its package and its recordings lie beside each other; nothing here names it."""
    others = [name for name in ONLINE if recordings(name).parent == THIRD_PARTY]

    assert len(others) == 1
    case = recordings(others[0]) / "chain"
    posts = [post for answer in play(ONLINE[others[0]], case) for post in answer.posts]
    assert msgspec.to_builtins(posts) == msgspec.to_builtins(expected(case))


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("tls-self-signed", "self-signed certificate"),
        ("tls-expired", "certificate has expired"),
        ("tls-wrong-host", "Hostname mismatch"),
        ("https-to-http", None),
    ],
)
def test_each_certificate_is_bad_in_its_own_way(fault: str, why: str | None) -> None:
    """All but one would be taken if nobody looked, and the good one is."""
    trusting = ssl.create_default_context(cafile=str(AUTHORITY))
    told = next(each for each in LISTED if each.name == fault)
    said = ""
    with Server() as server:
        origin = server.faulty(told, Scene(chain(next(iter(ONLINE.values())))[0]))
        address = ("127.0.0.1", int(origin.rpartition(":")[2]))
        with socket.create_connection(address, timeout=5) as plain:
            try:
                trusting.wrap_socket(plain, server_hostname=HOST).close()
            except ssl.SSLCertVerificationError as error:
                said = error.verify_message

    assert said.replace("self signed", "self-signed").startswith(why or "")
    assert bool(said) == (why is not None)
