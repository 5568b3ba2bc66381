"""Tests of the installed kernel through its protocol: python protocol -v [Interrupts.test_stops_a_pending_await ...]"""

import unittest

from cells import Cells
from comms import Comms
from debugger import Debugger
from interrupts import Interrupts
from launched import Launched
from life import Life
from output import Output
from safety import Safety
from subshells import Subshells

__all__ = ["Cells", "Comms", "Debugger", "Interrupts", "Launched", "Life", "Output", "Safety", "Subshells"]

if __name__ == "__main__":
    unittest.main()
