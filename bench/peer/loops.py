"""The training loops: a bare one, and Lightning's. Each returns the seconds of every step after the warm-up."""
import itertools
import logging
import time
import warnings

import torch

WARM_UP = 3


def bare_loop(objective, bench, batches, steps):
    optimizer = objective.optimizer(bench)
    times = []
    for batch in itertools.islice(itertools.cycle(batches), WARM_UP + steps):
        begun = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        objective(batch)[0].backward()
        torch.nn.utils.clip_grad_norm_(objective.parameters, bench["gradient_clip_val"])
        optimizer.step()
        objective.proximal()
        if torch.cuda.is_initialized():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    return times[WARM_UP:]


def lightning_loop(objective, bench, batches, steps, logged):
    """logged: every dataset's loss and their mean go through `self.log`, as a user would have it."""
    # Imported here because importing Lightning costs seconds and memory.
    import lightning.pytorch as pl

    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Module(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = objective.model

        def training_step(self, batch, _):
            total, loss, each = objective(batch)
            if logged:
                sizes = [len(group["robs"]) for group in batch]
                for i, (value, size) in enumerate(zip(each, sizes)):
                    self.log(f"train_loss/{i}", value, on_step=True, on_epoch=True, batch_size=size)
                self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True, batch_size=sum(sizes))
            return total

        def configure_optimizers(self):
            return objective.optimizer(bench)

        def optimizer_step(self, epoch, batch_idx, optimizer, optimizer_closure):
            optimizer.step(closure=optimizer_closure)
            objective.proximal()

    class Clock(pl.Callback):
        def __init__(self):
            self.starts = []

        def on_train_batch_start(self, *_):
            self.starts.append(time.perf_counter())

    clock = Clock()
    trainer = pl.Trainer(accelerator="cpu", devices=1, max_epochs=1, logger=False, enable_checkpointing=False,
                         enable_progress_bar=False, enable_model_summary=False, callbacks=[clock],
                         gradient_clip_val=bench["gradient_clip_val"], num_sanity_val_steps=0)
    data = list(itertools.islice(itertools.cycle(batches), WARM_UP + steps + 1))
    trainer.fit(Module(), torch.utils.data.DataLoader(data, batch_size=None, num_workers=0))
    return [later - start for start, later in zip(clock.starts, clock.starts[1:])][WARM_UP:]
