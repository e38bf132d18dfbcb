"""
Which machines we may connect to: public ones, and those a person named exactly.

A name is resolved once, every address it has is judged, and the connection goes to the very
addresses that were judged; so it makes no difference how an address is spelled, or that a name
means another machine a moment later. Limits: a company's own machines with public addresses look
like any other site, and a proxy resolves names itself.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, Queue

from models.errors import SetupError, SourceRefused

Resolve = Callable[[str, int], Iterable[str]]
"""From a host and a port to its addresses as text; OSError if there are none."""

_SELF, _INSIDE, _SPECIAL = (
    "this machine itself",
    "a private network",
    "addresses kept for special uses",
)

# Written out, because ipaddress calls some of these global, and which ones changes with Python.
_CLOSED_4 = [
    (ip_network(block), words)
    for words, blocks in (
        (_SELF, "127.0.0.0/8 0.0.0.0/8"),
        (_INSIDE, "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10"),
        (_SPECIAL, "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24"),
        (_SPECIAL, "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"),
    )
    for block in blocks.split()
]
_OPEN_6 = ip_network("2000::/3")
"""All that has ever been given out as global unicast."""

_CLOSED_6 = [
    (ip_network(block), words)
    for words, blocks in (
        (_SELF, "::1/128 ::/128"),
        (_INSIDE, "fc00::/7 fe80::/10 fec0::/10"),
        # Teredo, ORCHID and benchmarks; examples; 6to4; the old 6bone; examples again.
        (_SPECIAL, "2001::/23 2001:db8::/32 2002::/16 3ffe::/16 3fff::/20"),
    )
    for block in blocks.split()
]
_WRAPPED = [ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96")]
"""An IPv4 address as IPv6, and behind a NAT64: what counts is the address inside."""

_NAMED = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\]):([0-9]{1,5})")


def forbidden(address: str) -> str:
    """Say in words what an IP address leads to if it mustn't be reached; nothing if it may be."""
    number = ip_address(address)
    if isinstance(number, IPv6Address):
        if not any(number in block for block in _WRAPPED):
            closed = next((words for block, words in _CLOSED_6 if number in block), "")
            return closed or ("" if number in _OPEN_6 else _SPECIAL)
        number = IPv4Address(number.packed[-4:])
    return next((words for block, words in _CLOSED_4 if number in block), "")


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses the system knows for a host; OSError or UnicodeError if there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def key(host: str, port: int) -> str:
    """Return how a person names a server: host:port, with brackets around an IPv6 address."""
    return f"[{host.lower()}]:{port}" if ":" in host else f"{host.lower()}:{port}"


def named(text: str) -> frozenset[str]:
    """Return the servers in a comma-separated setting; SetupError for anything but host:port."""
    found = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    for part in found:
        match = _NAMED.fullmatch(part)
        if match is None or not 0 < int(match[2]) < 65_536:
            message = f"“{part}” doesn't name one server"
            raise SetupError(message, "write its host and port, such as forum.test:8080")
    return found


class Guard:
    """Tells which addresses a host may be reached at; `private` are servers that need no check."""

    def __init__(self, private: frozenset[str], resolve: Resolve) -> None:
        self._private, self._resolve = private, resolve

    def addresses(self, host: str, port: int, timeout: float) -> list[str]:
        """
        Return where to connect to, all of it allowed; SourceRefused if any of it isn't.

        OSError if there is no such host, TimeoutError after `timeout` seconds.
        """
        found = self._asked_in_time(host, port, timeout)
        if not found:
            message = "no host of that name was found"
            raise OSError(message)
        if key(host, port) not in self._private:
            for address in found:
                if words := forbidden(address):
                    raise _refused(host, port, address, words)
        return found

    def _asked_in_time(self, host: str, port: int, timeout: float) -> list[str]:
        # A system's resolver takes no deadline, so it is left to itself when that has passed.
        box: Queue[list[str]] = Queue(1)

        def ask() -> None:
            try:
                box.put(list(self._resolve(host, port)))
            except (OSError, UnicodeError):
                box.put([])

        threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
        try:
            return box.get(timeout=timeout)
        except Empty:
            raise TimeoutError from None


def _refused(host: str, port: int, address: str, words: str) -> SourceRefused:
    server = key(host, port)
    message = f"{server} leads to {words} ({address}), and Amends asks only public sites"
    remedy = f"give a public address; if this very server is meant, AMENDS_ALLOW_PRIVATE={server}"
    return SourceRefused(message, remedy, url=server)
