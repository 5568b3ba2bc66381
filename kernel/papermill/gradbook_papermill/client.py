"""A mixin for nbclient's notebook clients, which reports a run as events."""

import signal
import sys
import tempfile

from jupyter_core.utils import ensure_async, run_sync
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell

from .events import RECORD, say, say_last_line

#: Waits for a training that no cell awaits (kernel/show/front-end.ts). The cell fails when such work has failed.
SETTLED = "await (globalThis as any)[Symbol.for('gradbook.kernel')].settled();"

#: The seconds within which a kernel must answer. On a busy machine, or from a slow file system, it may take more than a minute.
START_SECONDS = 300

#: The number of characters of the kernel's log that the error of a dead kernel quotes.
MOST_WORDS = 4000


class Batch:
    """Writes {"line": text} for the output of cells, and {"record": {...}} for numbers that they record.

    After the last cell the client waits for work that no cell awaits. The error of a kernel that died tells its last words.

    A cell that draws a picture in place and a line of progress has one source of lines: the text of a picture is an event only
    until the cell shows a text without a picture.
    """

    _cell_with_text = None
    _log = None

    async def async_start_new_kernel(self, **kwargs):
        self._log = tempfile.TemporaryFile("w+", errors="replace")
        await super().async_start_new_kernel(**{"stderr": self._log, **kwargs})

    start_new_kernel = run_sync(async_start_new_kernel)

    async def async_execute_cell(self, cell, cell_index, **kwargs):
        try:
            done = await super().async_execute_cell(cell, cell_index, **kwargs)
            if cell is self._last_cell() and await self._is_gradbook():
                await self._settle(cell, cell_index)
            return done
        except DeadKernelError:
            raise DeadKernelError(self._death()) from None

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        if msg["msg_type"] in ("display_data", "update_display_data"):
            data = content.get("data", {})
            if RECORD in data:
                say(record=data[RECORD])
            elif set(data) == {"text/plain"}:
                self._cell_with_text = cell_index
                say_last_line(data["text/plain"])
            elif self._cell_with_text != cell_index:
                say_last_line(data.get("text/plain", ""))
        elif msg["msg_type"] == "stream":
            say_last_line(content["text"])
        return super().process_message(msg, cell, cell_index)

    def copy_log(self):
        """Copies the kernel's log to stderr."""
        if self._log:
            self._log.seek(0)
            sys.stderr.write(self._log.read())

    def _last_cell(self):
        code = [cell for cell in self.nb.cells if cell.cell_type == "code" and cell.source.strip()]
        return code[-1] if code else None

    async def _is_gradbook(self):
        info = await self.async_wait_for_reply(await ensure_async(self.kc.kernel_info()))
        return info is not None and info["content"].get("implementation") == "gradbook"

    async def _settle(self, cell, cell_index):
        rest = new_code_cell(SETTLED)
        try:
            await super().async_execute_cell(rest, cell_index, store_history=False)
        finally:
            cell.outputs.extend(rest.outputs)
            # nbclient has put the executed cell there.
            self.nb.cells[cell_index] = cell

    def _death(self):
        """Returns the reason why the kernel's process has ended, and its last words."""
        process = getattr(self.km.provisioner, "process", None)
        code = process.poll() if process else None
        reason = f"by signal {signal.Signals(-code).name}" if code and code < 0 else f"with exit code {code}"
        return self._with_log(f"The kernel's process has ended {reason}.")

    def _with_log(self, text):
        """Adds the beginning of the kernel's log to a text."""
        self._log.seek(0)
        words = self._log.read().strip()[:MOST_WORDS]
        return text + (f"\n{words}" if words else "")
