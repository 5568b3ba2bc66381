#!/usr/bin/env python3
"""One measurement of the training step in PyTorch, printed as one line of JSON.

    python torch_step.py --mode eager --model ../models/small.yaml --steps 60 --threads 2

Modes:
    eager                  one pass of the core for each dataset, as the field's code does it
    merged                 one pass of the core for the whole batch
    merged_channels_last   the same with kernels and stimuli in the channels_last memory format
    compile                torch.compile of the core; compile_merged: of the merged one
    lightning              Lightning's Trainer, every loss logged; lightning_nolog: without
    lightning_overhead     bare loop and Trainer by turns in one process: what the Trainer costs a step
    sgemm                  the machine's best single-precision matrix product; needs no model
    count                  operations of a step by torch's counter, for `gflop_per_step` of the model's file
"""
import argparse
import json
import resource
import statistics
import sys
import time

import torch
import yaml

from loops import WARM_UP, bare_loop, lightning_loop
from model import Model
from objective import Nothing, Objective, make_batches

OVERHEAD_TURNS = 4
LOOP_STEPS = 300


class Subject:
    """A model with its objective and batches. sessions: such as 10x8000, in place of the file's units."""

    def __init__(self, file, sessions, merged, device="cpu"):
        with open(file) as f:
            config = yaml.safe_load(f)
        self.bench, model = config["bench"], config["model"]
        if sessions:
            count, units = map(int, sessions.split("x"))
            self.bench["units"] = [units] * count
        torch.manual_seed(0)
        self.model = Model(model, self.bench).train().to(device)
        self.objective = Objective(self.model, model["regularization"], merged)
        batches = make_batches(self.bench, model["modulator"]["params"].get("behavior_dim", 0))
        self.batches = [[{name: value.to(device) for name, value in group.items()} for group in batch]
                        for batch in batches]

    def channels_last(self):
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        for p in self.objective.parameters:
            if p.dim() in formats:
                p.data = p.data.to(memory_format=formats[p.dim()])
        for group in (group for batch in self.batches for group in batch):
            group["stim"] = group["stim"].to(memory_format=torch.channels_last_3d)

    def compile(self):
        """Compiles the step and returns the seconds. Two batches are run, because the first may not
        compile everything."""
        self.model.core = torch.compile(self.model.core, dynamic=False)
        begun = time.perf_counter()
        for batch in self.batches[:2]:
            self.objective(batch)[0].backward()
        self.model.zero_grad(set_to_none=True)
        return time.perf_counter() - begun

    def run(self, steps, loop=bare_loop, **how):
        return loop(self.objective, self.bench, self.batches, steps, **how)


def measure(mode, file, sessions, steps, device):
    subject = Subject(file, sessions, "merged" in mode, device)
    if mode.endswith("channels_last"):
        subject.channels_last()
    compile_s = subject.compile() if mode.startswith("compile") else 0.0
    begun = time.process_time()
    if mode.startswith("lightning"):
        times = subject.run(steps, lightning_loop, logged=mode == "lightning")
    else:
        times = subject.run(steps)
    # The warm-up steps count, too: the processor time of a single step cannot be read exactly.
    cpu_ms = round(1e3 * (time.process_time() - begun) / (len(times) + WARM_UP), 3)
    return {"ms": milliseconds(times), "cpu_ms": cpu_ms, **memory(), "compile_s": round(compile_s, 2)}


def by_turns(objective, bench, batches, steps):
    """Returns the median milliseconds of the bare loop, the Trainer, and the Trainer with logging.
    They take turns, because the speed of the machine drifts."""
    bare, trainer, logged = [], [], []
    for _ in range(OVERHEAD_TURNS):
        bare += bare_loop(objective, bench, batches, steps)
        trainer += lightning_loop(objective, bench, batches, steps, logged=False)
        logged += lightning_loop(objective, bench, batches, steps, logged=True)
    return [milliseconds(times) for times in (bare, trainer, logged)]


def lightning_overhead(file, steps):
    subject = Subject(file, None, merged=False)
    bare, trainer, logged = by_turns(subject.objective, subject.bench, subject.batches, steps)
    loop_bare, loop_trainer, loop_logged = by_turns(Nothing(), subject.bench, subject.batches, LOOP_STEPS)
    return {"ms": trainer, "bare_ms": bare, "overhead_ms": round(trainer - bare, 3),
            "overhead_logged_ms": round(logged - bare, 3), "loop_overhead_ms": round(loop_trainer - loop_bare, 3),
            "loop_overhead_logged_ms": round(loop_logged - loop_bare, 3)}


def sgemm(n=2048, repeats=15):
    a, b = torch.randn(n, n), torch.randn(n, n)

    def seconds():
        begun = time.perf_counter()
        a @ b
        return time.perf_counter() - begun

    best = min(seconds() for _ in range(repeats))
    return {"ms": round(1e3 * best, 3), "gflops": round(2 * n ** 3 / best / 1e9, 1)}


def count(file, sessions):
    from torch.utils.flop_counter import FlopCounterMode

    subject = Subject(file, sessions, merged=False)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        subject.objective(subject.batches[0])
    parameters = sum(p.numel() for p in subject.objective.parameters)
    return {"gflop_per_step": round(3 * counter.get_total_flops() / 1e9, 3), "parameters": parameters}


def milliseconds(times):
    return round(1e3 * statistics.median(times), 3)


def memory():
    """Returns the process's peak memory; on Linux also without mapped files, such as libraries."""
    unit = 2 ** 20 if sys.platform == "darwin" else 2 ** 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    row = {"peak_mib": round(peak)}
    if sys.platform == "linux":
        with open("/proc/self/status") as f:
            files = next(int(line.split()[1]) for line in f if line.startswith("RssFile:"))
        row["own_mib"] = round(peak - files / 2 ** 10)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", required=True)
    parser.add_argument("--model", help="a YAML file with a bench and a model part")
    parser.add_argument("--sessions", help="the number of sessions and of the units of each, such as 10x8000")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="cpu, or cuda for the bare loops")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.mode == "sgemm":
        row = sgemm()
    elif args.mode == "count":
        row = count(args.model, args.sessions)
    elif args.mode == "lightning_overhead":
        row = lightning_overhead(args.model, args.steps)
    else:
        row = measure(args.mode, args.model, args.sessions, args.steps, args.device)
    print(json.dumps(row))


if __name__ == "__main__":
    main()
