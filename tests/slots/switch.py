"""The mode, for tests that lie elsewhere: `pytest -p tests.slots.switch`."""

from __future__ import annotations

import pytest

from tests.slots.plugin import Slots


def pytest_configure(config: pytest.Config) -> None:
    """Put a secret into every slot."""
    if not any(isinstance(one, Slots) for one in config.pluginmanager.get_plugins()):
        config.pluginmanager.register(Slots())
