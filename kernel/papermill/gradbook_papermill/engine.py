"""papermill's own engine, which also reports the run as events and passes an interrupt on to the kernel."""

import asyncio
import signal

from jupyter_core.utils import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger

from .client import Batch
from .events import say


class Interrupted(Exception):
    """A stop was requested: the running cell was interrupted and has ended."""


class NotStarted(Exception):
    """The kernel of a notebook has died, or has not answered, before the first cell."""


class Client(Batch, PapermillNotebookClient):
    """Runs a notebook in the spare kernel, if there is one, and starts the next spare kernel meanwhile if another notebook follows."""

    interrupted = False

    def __init__(self, nb_man, spare=None, more=False, **options):
        super().__init__(nb_man, **options)
        self.spare = spare
        self.more = more

    def create_kernel_manager(self):
        held = self.spare and self.spare.take(self.kernel_name)
        if not held:
            return super().create_kernel_manager()
        self.km, self._log = held
        return self.km

    def papermill_execute_cells(self):
        if self.spare and self.more:
            self.spare.start(self.kernel_manager_class(kernel_name=self.kernel_name, config=self.config))
        super().papermill_execute_cells()

    async def async_start_new_kernel_client(self):
        try:
            return await super().async_start_new_kernel_client()
        except RuntimeError as error:
            raise NotStarted(self._with_log(f"The kernel {self.kernel_name} did not start: {error}.")) from None

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    async def async_execute_cell(self, cell, cell_index, **kwargs):
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self.interrupt)
        if cell.cell_type == "code":
            code = [c for c in self.nb.cells if c.cell_type == "code"]
            say(cell=code.index(cell) + 1, of=len(code))
        try:
            return await super().async_execute_cell(cell, cell_index, **kwargs)
        finally:
            for name in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(name)
            if self.interrupted:
                raise Interrupted

    execute_cell = run_sync(async_execute_cell)

    def interrupt(self):
        self.interrupted = True
        asyncio.ensure_future(self.km.interrupt_kernel())


class GradbookEngine(NBClientEngine):
    """`papermill --engine gradbook`: writes events of the run to standard output, one JSON object a line."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, log_output=False, start_timeout=60, execution_timeout=None, **kwargs
    ):
        client = Client(
            nb_man,
            kernel_name=kernel_name,
            timeout=execution_timeout,
            startup_timeout=start_timeout,
            log=logger,
            log_output=log_output,
            **{key: kwargs[key] for key in ("stdout_file", "stderr_file", "spare", "more") if key in kwargs},
        )
        try:
            return client.execute()
        except BaseException:
            # papermill marks only cells with an error of their own. A cell that was interrupted, or whose kernel died, would count
            # as completed.
            begun = [cell for cell in nb_man.nb.cells if cell.metadata.papermill.start_time]
            for cell in begun[-1:] or nb_man.nb.cells[:1]:
                nb_man.cell_exception(cell)
            raise
        finally:
            client.copy_log()
