"""The guard's rule: which addresses are public, and how a person names an exception."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.guard import forbidden, named
from models.errors import SetupError


def test_servers_are_named_with_host_and_port() -> None:
    """Commas between, spaces allowed, capitals alike; IPv6 in brackets."""
    said = "Forum.test:8080, 127.0.0.1:80,[::1]:443,"
    assert named(said) == {"forum.test:8080", "127.0.0.1:80", "[::1]:443"}
    assert named("") == frozenset()


@pytest.mark.parametrize(
    "text",
    ["*", "*:80", "10.0.0.0/8:80", "forum.test", "forum.test:0", "forum.test:65536", "forum.test:*",
     "http://forum.test:80", "a b:80", ":80", "::1:80", "forum.test:80/x"],
)  # fmt: skip
def test_a_blanket_exception_is_refused(text: str) -> None:
    """There is no way to name more than one server at a time."""
    with pytest.raises(SetupError, match="doesn't name one server"):
        named(text)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
     "192.0.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.1", "2606:4700:4700::1111",
     "2001:4860:4860::8888", "2a00:1450:4001::5e", "2c0f:fb50::1", "::ffff:8.8.8.8",
     "64:ff9b::808:808"],
)  # fmt: skip
def test_public_addresses_pass(address: str) -> None:
    """The neighbours of what is closed are open; behind a NAT64 the address inside counts."""
    assert forbidden(address) == ""


@given(st.integers(0, 2**32 - 1))
def test_no_wrapping_hides_a_private_address(number: int) -> None:
    """What Python calls private is closed to us, alone and wrapped in IPv6 in each known way."""
    plain = IPv4Address(number)
    closed = bool(forbidden(str(plain)))

    assert closed or (plain.is_global and not plain.is_multicast)
    assert bool(forbidden(f"::ffff:{plain}")) is closed
    assert bool(forbidden(f"64:ff9b::{plain}")) is closed
    assert forbidden(f"::{plain}")
    assert forbidden(str(ip_address(0x2002 << 112 | number << 80)))
    assert forbidden(str(ip_address(0x20010000 << 96 | number ^ 0xFFFFFFFF)))


@given(st.ip_addresses(v=6))
def test_what_python_calls_private_is_closed(address: object) -> None:
    """Our own list never says less than the library's."""
    found = ip_address(str(address))
    assert forbidden(str(found)) or (found.is_global and not found.is_multicast)
