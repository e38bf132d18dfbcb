"""Python reads this first in every process that a test starts."""

import os

if os.environ.get("TESTS_SLOTS_LOGS"):
    from tests.slots.process import begin

    begin()
