"""Writes penalties.json: smoothness and group sparsity with the formulas of neuralpredictors, computed by PyTorch in float64."""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
LAPLACE = {
    3: [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
    5: [[0, 0, 1, 0, 0], [0, 1, 2, 1, 0], [1, 2, -16, 2, 1], [0, 1, 2, 1, 0], [0, 0, 1, 0, 0]],
    7: [
        [0, 0, 1, 1, 1, 0, 0],
        [0, 1, 3, 3, 3, 1, 0],
        [1, 3, 0, -7, 0, 3, 1],
        [1, 3, -7, -24, -7, 3, 1],
        [1, 3, 0, -7, 0, 3, 1],
        [0, 1, 3, 3, 3, 1, 0],
        [0, 0, 1, 1, 1, 0, 0],
    ],
}


def laplacian(images, size, normalize=False):
    filters = torch.tensor(LAPLACE[size], dtype=torch.float64)[None, None]
    rough = F.conv2d(images, filters, padding=size // 2).pow(2).sum()
    return rough / images.pow(2).sum() if normalize else rough / 2


def rounded(values):
    return [round(value, 8) for value in values.flatten().tolist()]


def case(name, params, weight, of, frame=None):
    weight = weight.clone().requires_grad_()
    value = of(weight)
    (gradient,) = torch.autograd.grad(value, weight)
    return {
        "type": name,
        "params": params,
        "shape": list(weight.shape),
        **({"frame": frame} if frame else {}),
        "weight": rounded(weight),
        "penalty": value.item(),
        "gradient": rounded(gradient),
    }


kernel = torch.randn(2, 5, 4, 3, 2)  # time, height, width, in, out
masks = torch.rand(3, 20)  # units of 4 x 5 pixels
images = lambda w: w.permute(0, 3, 4, 1, 2).reshape(-1, 1, 5, 4)
norm = lambda axes: lambda w: w.pow(2).sum(axes).sqrt().sum()
cases = [
    *[case("laplacian", {"filter_size": n}, kernel, lambda w, n=n: laplacian(images(w), n)) for n in (3, 5, 7)],
    case("laplacian", {"normalize": True}, kernel, lambda w: laplacian(images(w), 3, True)),
    case("laplacian", {}, masks, lambda w: laplacian(w.reshape(3, 1, 4, 5), 3), {"height": 4, "width": 5}),
    case("group_sparsity", {}, kernel, norm((0, 1, 2))),
    case("group_sparsity", {"groups": "inputs"}, kernel, norm((0, 1, 2, 4))),
    case("group_sparsity", {"groups": "outputs"}, kernel, norm((0, 1, 2, 3))),
    case("group_sparsity", {"groups": "inputs"}, masks, norm((1,))),
]
Path(__file__).with_suffix(".json").write_text(json.dumps(cases) + "\n")
