"""Writes the reference numbers of test/trainer/optim and test/trainer/schedulers. See README.md.

Usage: python test/trainer/optim/golden/make.py (with torch 2.9.1 and numpy 2)
"""

import json
from pathlib import Path

import numpy as np
import torch

# Muon orthogonalizes in bfloat16, whose rounding depends on the machine: these numbers stay in float64.
torch.Tensor.bfloat16 = lambda self: self.clone()

STEPS = 6
PARAMETERS = [
    {"name": "frontend.weight", "shape": [3, 2], "group": "core", "decay": True},
    {"name": "frontend.bias", "shape": [2], "group": "core", "decay": False},
    {"name": "readouts.0.weight", "shape": [2, 4], "group": "head", "decay": True},
    {"name": "readouts.1.weight", "shape": [2, 3], "group": "head", "decay": True},
]
KERNEL = {"name": "convnet.weight", "shape": [2, 1, 2, 1, 3], "group": "core", "decay": True}
ABSENT = {"readouts.1.weight": [0, 3]}
LR, CORE_LR_SCALE, WEIGHT_DECAY = 0.02, 0.25, 0.1

rng = np.random.default_rng(16)
initial = {p["name"]: rng.normal(size=p["shape"]).astype(np.float32) for p in PARAMETERS}
grads = [
    {p["name"]: (rng.normal(size=p["shape"]) * scale).astype(np.float32) for p in PARAMETERS}
    for scale in [1, 0.3, 3, 1e-3, 2, 1]
]
# Drawn last, so that the other numbers do not depend on it.
initial[KERNEL["name"]] = rng.normal(size=KERNEL["shape"]).astype(np.float32)
for step in grads:
    step[KERNEL["name"]] = rng.normal(size=KERNEL["shape"]).astype(np.float32)
PARAMETERS.append(KERNEL)


def flat(array):
    return [float(np.float32(x)) for x in np.asarray(array).ravel()]


def absent(name, step):
    return step in ABSENT.get(name, [])


def groups_of(weight_decay):
    """One group for each parameter: its learning rate and its weight decay."""
    return {
        p["name"]: (LR * (CORE_LR_SCALE if p["group"] == "core" else 1), weight_decay if p["decay"] else 0.0)
        for p in PARAMETERS
    }


def torch_steps(make, weight_decay, clip=None):
    tensors = {n: torch.nn.Parameter(torch.tensor(a, dtype=torch.float64)) for n, a in initial.items()}
    groups = groups_of(weight_decay)
    optimizer = make([{"params": [t], "lr": groups[n][0], "weight_decay": groups[n][1]} for n, t in tensors.items()])
    after = []
    for step in range(STEPS):
        for name, tensor in tensors.items():
            tensor.grad = None if absent(name, step) else torch.tensor(grads[step][name], dtype=torch.float64)
        if clip:
            clip(list(tensors.values()))
        optimizer.step()
        after.append({name: flat(tensor.detach().numpy()) for name, tensor in tensors.items()})
    return after


def lion_steps(betas, weight_decay):
    """The published reference (google/automl, lion/lion_pytorch.py; algorithm 2 of the paper) in numpy."""
    values = {n: a.astype(np.float64) for n, a in initial.items()}
    momenta = {n: np.zeros_like(v) for n, v in values.items()}
    groups = groups_of(weight_decay)
    after = []
    for step in range(STEPS):
        for name in values:
            if absent(name, step):
                continue
            grad = grads[step][name].astype(np.float64)
            lr, decay = groups[name]
            values[name] = values[name] * (1 - lr * decay)
            update = momenta[name] * betas[0] + grad * (1 - betas[0])
            values[name] = values[name] - lr * np.sign(update)
            momenta[name] = momenta[name] * betas[1] + grad * (1 - betas[1])
        after.append({name: flat(value) for name, value in values.items()})
    return after


class MuonAndAdamW:
    """torch.optim.Muon for the decayed kernels and matrices, AdamW for the rest.

    A kernel [t, h, w, in, out] is given to Muon as PyTorch lays weights out, [out, t h w in]; its values are copied back.
    """

    def __init__(self, groups, muon, adam_ratio, **adam):
        self.matrices = []
        rest = []
        for group in groups:
            kernel = group["params"][0]
            if kernel.ndim < 2 or group["weight_decay"] == 0:
                rest.append({**group, "lr": group["lr"] * adam_ratio})
                continue
            matrix = torch.nn.Parameter(kernel.detach().reshape(-1, kernel.shape[-1]).T.clone())
            self.matrices.append((kernel, matrix, {**group, "params": [matrix]}))
        self.muon = torch.optim.Muon([group for _, _, group in self.matrices], **muon)
        self.adamw = torch.optim.AdamW(rest, **adam)

    def step(self):
        for kernel, matrix, _ in self.matrices:
            grad = kernel.grad
            matrix.grad = None if grad is None else grad.reshape(-1, kernel.shape[-1]).T.clone()
        self.muon.step()
        self.adamw.step()
        with torch.no_grad():
            for kernel, matrix, _ in self.matrices:
                kernel.copy_(matrix.T.reshape(kernel.shape))


def muon_cases():
    for name, options, muon, adam_ratio, adam in [
        ("muon", {}, {}, 1, {}),
        ("muon_match_rms_adamw", {"adjustLrFn": "match_rms_adamw"}, {"adjust_lr_fn": "match_rms_adamw"}, 1, {}),
        (
            "muon_options",
            {"momentum": 0.8, "nesterov": False, "adamLrRatio": 0.5, "betas": [0.8, 0.95], "eps": 1e-3},
            {"momentum": 0.8, "nesterov": False},
            0.5,
            {"betas": (0.8, 0.95), "eps": 1e-3},
        ),
    ]:
        make = lambda groups, muon=muon, ratio=adam_ratio, adam=adam: MuonAndAdamW(groups, muon, ratio, **adam)
        yield case(name, {"type": "muon", **options}, torch_steps(make, WEIGHT_DECAY))


def case(name, options, after, weight_decay=WEIGHT_DECAY, clip=None):
    trainer = {"optimizer": {"lr": LR, "coreLrScale": CORE_LR_SCALE, "weightDecay": weight_decay, **options}}
    return {"name": name, "trainer": {**trainer, **(clip or {"gradientClipVal": None})}, "after": after}


def adam_cases():
    for type_, cls in [("adamw", torch.optim.AdamW), ("adam", torch.optim.Adam)]:
        yield case(type_, {"type": type_}, torch_steps(cls, WEIGHT_DECAY))
        options = {"betas": [0.8, 0.95], "eps": 1e-3}
        make = lambda groups, cls=cls: cls(groups, betas=(0.8, 0.95), eps=1e-3)
        yield case(f"{type_}_betas_eps", {"type": type_, **options}, torch_steps(make, WEIGHT_DECAY))


def sgd_cases():
    for name, options in [
        ("sgd", {}),
        ("sgd_momentum", {"momentum": 0.9}),
        ("sgd_nesterov", {"momentum": 0.8, "nesterov": True}),
    ]:
        make = lambda groups, options=options: torch.optim.SGD(groups, lr=LR, **options)
        yield case(name, {"type": "sgd", **options}, torch_steps(make, WEIGHT_DECAY))


def clip_cases():
    make = lambda groups: torch.optim.SGD(groups, lr=LR)
    by_value = lambda tensors: torch.nn.utils.clip_grad_value_(tensors, 0.5)
    by_norm = lambda tensors: torch.nn.utils.clip_grad_norm_(tensors, 0.5)
    for algorithm, clip in [("value", by_value), ("norm", by_norm)]:
        options = {"gradientClipVal": 0.5, "gradientClipAlgorithm": algorithm}
        yield case(f"clip_by_{algorithm}", {"type": "sgd"}, torch_steps(make, WEIGHT_DECAY, clip), clip=options)


def lion_cases():
    yield case("lion", {"type": "lion"}, lion_steps((0.9, 0.99), WEIGHT_DECAY))
    yield case("lion_betas", {"type": "lion", "betas": [0.7, 0.8]}, lion_steps((0.7, 0.8), WEIGHT_DECAY))


def one_cycle_cases():
    for name, total, options in [
        ("default", 40, {}),
        ("linear", 25, {"pct_start": 0.4, "anneal_strategy": "linear", "div_factor": 10, "final_div_factor": 100}),
        ("three_phase", 50, {"three_phase": True, "pct_start": 0.25}),
        ("one_epoch", 7, {"pct_start": 0.5}),
    ]:
        parameter = torch.nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([parameter], lr=1.0)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=0.01, total_steps=total, cycle_momentum=False, **options
        )
        rates = []
        for step in range(total):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if step + 1 < total:
                scheduler.step()
        yield {"name": name, "max_lr": 0.01, "total_steps": total, "options": options, "lr": rates}


here = Path(__file__).parent
optimizers = {
    "parameters": [{**p, "initial": flat(initial[p["name"]])} for p in PARAMETERS],
    "absent": ABSENT,
    "grads": [{name: flat(g) for name, g in step.items()} for step in grads],
    "cases": [*adam_cases(), *sgd_cases(), *lion_cases(), *muon_cases(), *clip_cases()],
}
(here / "optimizers.json").write_text(json.dumps(optimizers) + "\n")
schedules = here.parents[1] / "schedulers" / "golden" / "one_cycle.json"
schedules.write_text(json.dumps(list(one_cycle_cases())) + "\n")
