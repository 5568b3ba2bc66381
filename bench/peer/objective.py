"""The objective and the optimization of a step: losses, regularizers at epoch 0, optimizer groups;
and the batches."""
import torch


def penalties(regularization, kind):
    """Returns the regularizers of a kind (by the beginning of the type) that act at epoch 0:
    (weight, name patterns)."""
    for entry in regularization:
        schedule = entry["schedule"]
        started = schedule["kind"] == "constant" or schedule.get("start_epoch", 0) <= 0
        decays = schedule["kind"] == "linear_decay"
        weight = float(schedule.get("start_lambda", entry["lambda"]) if decays else entry["lambda"])
        if entry["type"].startswith(kind) and started and weight != 0:
            yield weight, entry["apply_to"]


def matching(patterns, named):
    """The parameters whose name holds every part of one of the patterns, such as `readouts/std`."""
    return [p for name, p in named if any(all(part in name for part in one.split("/")) for one in patterns)]


def poisson_loss(rate, robs, mask):
    return ((rate - robs * torch.log(rate + 1e-8)) * mask).sum() / mask.sum()


class Objective:
    """Computes the loss of a batch, and the projections after an optimizer step.

    merged: the core runs once for the whole batch instead of once for each dataset."""

    def __init__(self, model, regularization, merged):
        self.model, self.merged = model, merged
        self.named = list(model.named_parameters())
        self.parameters = [p for _, p in self.named]
        self.l1 = [(weight, matching(at, self.named)) for weight, at in penalties(regularization, "l1")]
        clamps = penalties(regularization, "proximal_clamp_positive")
        self.clamps = [(limit, matching(at, self.named)) for limit, at in clamps]

    def __call__(self, batch):
        """Returns the total loss, its part without regularizers, and each dataset's loss."""
        model = self.model
        adapted = [model.adapters[i](group["stim"]) for i, group in enumerate(batch)]
        if self.merged:
            behavior = torch.cat([group["behavior"] for group in batch])
            features = model.core(torch.cat(adapted), behavior).split([len(x) for x in adapted])
        else:
            features = [model.core(x, group["behavior"]) for x, group in zip(adapted, batch)]
        each = [poisson_loss(model.head(x, i), group["robs"], group["mask"])
                for i, (x, group) in enumerate(zip(features, batch))]
        loss = torch.stack(each).mean()
        return loss + sum(weight * sum(p.abs().sum() for p in ps) for weight, ps in self.l1), loss, each

    @torch.no_grad()
    def proximal(self):
        for limit, parameters in self.clamps:
            for p in parameters:
                p.clamp_(0, limit)

    def optimizer(self, bench):
        """AdamW with four groups: core or head, kernels that decay or the rest."""
        groups = {}
        for name, p in self.named:
            rate = bench["learning_rate"] * (bench["core_lr_scale"] if name.startswith("core.") else 1.0)
            decay = bench["weight_decay"] if p.dim() > 1 and name.endswith(".weight") else 0.0
            groups.setdefault((name.startswith("core."), decay), {"lr": rate, "weight_decay": decay, "params": []})
            groups[name.startswith("core."), decay]["params"].append(p)
        return torch.optim.AdamW(list(groups.values()))


class Nothing:
    """An objective with one weight and no computation, to measure the loop alone."""

    def __init__(self):
        self.model = torch.nn.Module()
        self.model.weight = torch.nn.Parameter(torch.ones(1))
        self.parameters = [self.model.weight]

    def __call__(self, batch):
        loss = (self.model.weight * 2).sum()
        return loss, loss, [loss] * len(batch)

    def proximal(self):
        pass

    def optimizer(self, bench):
        return torch.optim.AdamW(self.parameters, lr=bench["learning_rate"])


def make_batches(bench, behavior_dim, count=4):
    """Batches in memory, one group per dataset: uniform pixels, normal behaviour, Poisson counts, nine valid bins in ten."""
    g = torch.Generator().manual_seed(1)
    datasets, size = len(bench["units"]), bench["batch_size"]

    def group(index, units):
        n = size // datasets + (index < size % datasets)
        pixels = torch.randint(0, 256, (n, 1, bench["lags"], bench["height"], bench["width"]), generator=g)
        return {"stim": (pixels.float() - 127) / 255, "behavior": torch.randn(n, behavior_dim, generator=g),
                "robs": torch.poisson(torch.full((n, units), 0.3), generator=g),
                "mask": (torch.rand(n, units, generator=g) < 0.9).float()}

    return [[group(i, units) for i, units in enumerate(bench["units"])] for _ in range(count)]
