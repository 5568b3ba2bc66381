"""A kernel that starts while a notebook runs, for the notebook after it."""

import os
import tempfile

from jupyter_core.utils import run_sync


class Spare:
    """Holds at most one kernel that no notebook has used."""

    _held = None

    def start(self, manager):
        """Starts a kernel in the current folder, without waiting until it is ready."""
        log = tempfile.TemporaryFile("w+", errors="replace")
        try:
            run_sync(manager.start_kernel)(stderr=log)
        except OSError:
            # The next notebook starts its own kernel, and reports the problem if it is still there.
            return
        self._held = (manager, log, os.getcwd())

    def take(self, name):
        """Returns the manager and the log of a running kernel of this name in the current folder; None if there is none."""
        if self._held is None:
            return None
        manager, log, folder = self._held
        if (manager.kernel_name, folder) != (name, os.getcwd()) or not run_sync(manager.is_alive)():
            self.close()
            return None
        self._held = None
        return manager, log

    def close(self):
        """Ends the kernel."""
        if self._held:
            manager = self._held[0]
            self._held = None
            run_sync(manager.shutdown_kernel)(now=True)
