#!/usr/bin/env python3
"""Most exciting inputs of an exported twin in PyTorch, printed as one line of JSON.

    python exciting_inputs.py --model FOLDER --shape 11,17,17 --units 100 --steps 150 [--mei CHECKOUT]

FOLDER holds the package `exported` that `gradbook export --to torch` wrote. The ascent is gradbook's: the gradient is
smoothed by a Gaussian whose width falls to 0, and scaled by its largest element. Without --mei, all units are
optimised at once; with it, one after the other by the loop of the package `mei`.
"""
import argparse
import json
import sys
import time

import torch

WHITE = 127 / 255
START, DRAWS, RATE, SIGMA = 0.1, 4, 0.2, 1.5


class Precondition:
    """Turns the gradients of a step, [B, 1, lags, height, width], into changes."""

    def __init__(self, steps):
        self.steps = steps

    def __call__(self, gradient, step):
        left = 1 - step / self.steps
        height, width = gradient.shape[-2:]
        squared = torch.fft.fftfreq(height)[:, None] ** 2 + torch.fft.rfftfreq(width)[None, :] ** 2
        blur = torch.exp(-2 * (torch.pi * SIGMA * left) ** 2 * squared)
        smoothed = torch.fft.irfft2(torch.fft.rfft2(gradient) * blur, s=(height, width))
        largest = smoothed.abs().amax(dim=(1, 2, 3, 4), keepdim=True).clamp_min(1e-12)
        return smoothed / largest * (RATE * max(left, 0.05))


def rates_of(model, x, units):
    return model(x * WHITE)[torch.arange(len(x)), units]


def start(model, units, shape, generator):
    """The best of some draws of noise and of their negatives, for each unit."""
    best, rates = None, None
    for _ in range(DRAWS):
        drawn = START * torch.randn(len(units), 1, *shape, generator=generator)
        for other in (drawn, -drawn):
            with torch.no_grad():
                found = rates_of(model, other, units)
            if best is None:
                best, rates = other, found
            better = found > rates
            best = torch.where(better[:, None, None, None, None], other, best)
            rates = torch.where(better, found, rates)
    return best


def at_once(model, units, x, steps):
    precondition = Precondition(steps)
    for step in range(steps):
        x.requires_grad_()
        gradient, = torch.autograd.grad(rates_of(model, x, units).sum(), x)
        x = (x.detach() + precondition(gradient, step)).clamp(-1, 1)
    return x


def by_package(model, units, x, steps):
    from mei.optimization import MEI, optimize
    from mei.stoppers import NumIterations
    from mei.tracking import Tracker

    found = []
    for i, unit in enumerate(units):
        initial = x[i:i + 1].clone()
        mei = MEI(lambda shown: rates_of(model, shown, unit[None]).sum(), initial, torch.optim.SGD([initial], lr=1.0),
                  transparency=False, inhibitory=False, precondition=Precondition(steps),
                  postprocessing=lambda shown, step: shown.clamp(-1, 1))
        found.append(optimize(mei, NumIterations(steps - 1), Tracker())[1])
    return torch.cat(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--shape", required=True, help="lags, height and width")
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--mei")
    args = parser.parse_args()
    sys.path[:0] = [args.model, *([args.mei] if args.mei else [])]
    from exported.model import load

    model = load().eval().requires_grad_(False)
    units = torch.arange(args.units)
    shape = [int(size) for size in args.shape.split(",")]
    begun, cpu = time.perf_counter(), time.process_time()
    initial = start(model, units, shape, torch.Generator().manual_seed(0))
    found = (by_package if args.mei else at_once)(model, units, initial, args.steps)
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    with torch.no_grad():
        mean = rates_of(model, found, units).mean().item()
    print(json.dumps({"seconds": round(seconds, 2), "cpu_s": round(cpu_s, 2), "mean_rate": round(mean, 3)}))


if __name__ == "__main__":
    main()
