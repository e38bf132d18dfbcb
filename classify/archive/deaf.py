"""
Loaded by the workers of this machine: Ctrl-C is for whoever runs them, and that one ends them.

A terminal sends it to all of them at once, and each would print where it stood.
"""

from __future__ import annotations

import signal


def dask_setup(_: object) -> None:
    """Hear no Ctrl-C; Dask calls this in each worker's process as it begins."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
