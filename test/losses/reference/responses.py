"""Writes responses.json: losses of responses that are not counts, and their gradients, from PyTorch's distributions in float64."""

import json
import math
from pathlib import Path

import torch
from torch.distributions import Gamma

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
ZERO = math.exp(-10)
B, N = 6, 4


def case(name, of, robs, **inputs):
    inputs = {key: value.detach().clone().requires_grad_() for key, value in inputs.items()}
    loss = of(robs=robs, **inputs)
    gradients = torch.autograd.grad((loss * torch.arange(1, B * N + 1).reshape(B, N)).sum(), list(inputs.values()))
    values = {"robs": robs, **inputs}
    return {
        "name": name,
        "inputs": {key: value.tolist() for key, value in values.items()},
        "loss": loss.tolist(),
        "gradients": {key: value.tolist() for key, value in zip(inputs, gradients)},
    }


def squared(rate, robs):
    return torch.nn.functional.mse_loss(rate, robs, reduction="none")


def gaussian(rate, robs, variance):
    return torch.nn.functional.gaussian_nll_loss(rate, robs, variance.expand(B, N), reduction="none")


def gamma(rate, robs, shape):
    return -Gamma(shape, shape / rate).log_prob(robs)


def zero_inflated_gamma(rate, robs, silent, shape):
    mean = (rate - silent * ZERO / 2) / (1 - silent) - ZERO
    active = Gamma(shape, shape / mean).log_prob((robs - ZERO).clamp(min=1e-9)) + torch.log(1 - silent)
    return -torch.where(robs > ZERO, active, torch.log(silent) - math.log(ZERO))


rate = torch.rand(B, N) * 3 + 0.05
z = torch.randn(B, N)
positive = Gamma(torch.tensor(1.3), torch.tensor(0.7)).sample((B, N))
calcium = torch.where(torch.rand(B, N) < 0.4, torch.zeros(B, N), positive)
calcium[0, 0] = ZERO / 3
shape = torch.rand(1, N) * 3 + 0.3
cases = [
    case("mse", squared, z, rate=torch.randn(B, N)),
    case("gaussian", gaussian, z, rate=torch.randn(B, N), variance=torch.rand(1, N) * 2 + 0.1),
    case("gamma", gamma, positive, rate=rate, shape=shape),
    case("zero_inflated_gamma", zero_inflated_gamma, calcium, rate=rate, silent=torch.rand(1, N) * 0.8 + 0.1, shape=shape),
]
Path(__file__).with_suffix(".json").write_text(json.dumps(cases) + "\n")
