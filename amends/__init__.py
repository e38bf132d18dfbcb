"""
Amends listens to the public while a service is down, and helps the comms team make amends.

In a checkout the rooms `models`, `ingest` and `classify` stand beside this folder. In a wheel
they lie inside it, because those names are too common for the top of site-packages.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

_rooms = Path(__file__).parent / "rooms"
if _rooms.is_dir():
    sys.path.insert(0, str(_rooms))
    _spec = find_spec("models")
    if _spec is None or not str(_spec.origin).startswith(str(_rooms)):
        _message = (
            f"another package called “models” ({_spec and _spec.origin}) was loaded before Amends: "
            "run Amends on its own, as the command `amends` or `python -m amends`"
        )
        raise ImportError(_message)
