"""Reference values and gradients for ops that tfjs lacks or gets wrong: `python generate.py > ops.json`, PyTorch 2.9.

Each case has inputs, options, the output, a gradient of it (`dy`) and the gradients to the inputs, computed in float64
from inputs that float32 holds exactly. Arrays are channels last, as tfjs has them.
"""
import json
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(0)
cases = []


def draw(*shape):
    # Sixteenths: exact in float32, short in JSON.
    return (torch.randint(-24, 25, shape).double() / 16).requires_grad_()


def packed(t):
    return {"shape": list(t.shape), "data": [float(f"{v:.7g}") for v in t.detach().flatten().tolist()]}


def case(op, options, inputs, run, differentiate=None):
    y = run(**inputs)
    dy = draw(*y.shape).detach()
    named = {k: v for k, v in inputs.items() if v.is_floating_point() and (differentiate is None or k in differentiate)}
    gradients = torch.autograd.grad(y, list(named.values()), dy)
    cases.append({
        "op": op,
        "options": options,
        "inputs": {k: packed(v) for k, v in inputs.items()},
        "output": packed(y),
        "dy": packed(dy),
        "gradients": {k: packed(g) for k, g in zip(named, gradients)},
    })


def first(t):
    return t.movedim(-1, 1)


def last(t):
    return t.movedim(1, -1)


# Convolutions: `pad` a number on both sides of each axis, "valid" or "same" (odd kernels, stride 1).
def conv3d(strides, dilations, pad, taps, size):
    padding = {"valid": 0, "same": [d * (k - 1) // 2 for d, k in zip(dilations, taps)]}.get(pad, pad)
    case("conv3d", {"strides": strides, "dilations": dilations, "pad": pad},
         {"x": draw(2, *size, 2), "filter": draw(*taps, 2, 3)},
         lambda x, filter: last(F.conv3d(first(x), filter.permute(4, 3, 0, 1, 2), stride=strides, padding=padding, dilation=dilations)))


conv3d([1, 1, 1], [2, 1, 1], "valid", [2, 2, 2], [5, 4, 4])
conv3d([1, 1, 1], [1, 2, 3], "valid", [2, 2, 2], [3, 5, 6])
conv3d([1, 1, 1], [2, 2, 2], "same", [3, 3, 1], [4, 5, 4])
conv3d([1, 1, 1], [2, 1, 2], 1, [2, 3, 2], [4, 4, 4])
conv3d([2, 1, 2], [1, 1, 1], 1, [3, 2, 2], [4, 4, 5])
conv3d([2, 1, 2], [1, 2, 2], 1, [2, 2, 2], [4, 4, 6])


def conv2d(strides, dilations, pad, taps, size):
    padding = {"valid": 0, "same": [d * (k - 1) // 2 for d, k in zip(dilations, taps)]}.get(pad, pad)
    case("conv2d", {"strides": strides, "dilations": dilations, "pad": pad},
         {"x": draw(2, *size, 2), "filter": draw(*taps, 2, 3)},
         lambda x, filter: last(F.conv2d(first(x), filter.permute(3, 2, 0, 1), stride=strides, padding=padding, dilation=dilations)))


conv2d([1, 1], [2, 3], "valid", [3, 2], [6, 6])
conv2d([1, 1], [2, 2], "same", [3, 3], [5, 6])
conv2d([1, 1], [1, 2], 2, [3, 2], [5, 4])
conv2d([2, 1], [1, 1], 1, [3, 3], [5, 6])


def depthwise(dilations, pad, strides=(1, 1)):
    strides = list(strides)
    padding = {"valid": 0, "same": dilations}.get(pad, pad)

    def run(x, filter):
        h, w, c, m = filter.shape
        kernel = filter.permute(2, 3, 0, 1).reshape(c * m, 1, h, w)
        return last(F.conv2d(first(x), kernel, stride=strides, padding=padding, dilation=dilations, groups=c))

    case("depthwiseConv2d", {"strides": strides, "dilations": dilations, "pad": pad},
         {"x": draw(1, 6, 7, 2), "filter": draw(3, 3, 2, 2)}, run)


depthwise([2, 3], "valid")
depthwise([2, 2], "same")
depthwise([1, 2], 1)
depthwise([1, 1], 1, (2, 2))

for equation, shapes in [
    ("ij,jk->ik", [(3, 4), (4, 2)]),
    ("bij,bkj->bik", [(2, 3, 4), (2, 2, 4)]),
    ("ij,ij->", [(2, 3), (2, 3)]),
    ("ij->j", [(3, 4)]),
    ("ij->ji", [(3, 4)]),
    ("i,j->ij", [(3,), (2,)]),
    ("ij,k->i", [(2, 3), (4,)]),
    ("...ij,jk->...ik", [(2, 2, 3, 2), (2, 3)]),
]:
    names = [f"x{i}" for i in range(len(shapes))]
    case("einsum", {"equation": equation}, {n: draw(*s) for n, s in zip(names, shapes)},
         lambda equation=equation, **kw: torch.einsum(equation, *kw.values()))


def cumulative(torch_op, axis, exclusive, reverse, neutral):
    def run(x):
        x = x.flip(axis) if reverse else x
        if exclusive:
            start = torch.full_like(x.narrow(axis, 0, 1), neutral)
            x = torch.cat([start, x.narrow(axis, 0, x.shape[axis] - 1)], axis)
        y = torch_op(x, axis)
        return y.flip(axis) if reverse else y
    return run


for axis in (0, 1, 2, -1):
    for exclusive, reverse in ((False, False), (True, False), (False, True), (True, True)):
        options = {"axis": axis, "exclusive": exclusive, "reverse": reverse}
        case("cumsum", options, {"x": draw(2, 3, 4)}, cumulative(torch.cumsum, axis, exclusive, reverse, 0))
        x = draw(2, 3, 2)
        with torch.no_grad():
            x[0, 1, 0] = 0
            x[1, 1:, 1] = 0
        case("cumprod", options, {"x": x}, cumulative(torch.cumprod, axis, exclusive, reverse, 1))

case("mirrorPad", {"paddings": [[1, 2], [2, 1]], "mode": "reflect"}, {"x": draw(3, 4)},
     lambda x: F.pad(x[None, None], (2, 1, 1, 2), mode="reflect")[0, 0])

indices = torch.randint(0, 4, (2, 3, 2))
case("gather", {"axis": 2, "batchDims": 2}, {"x": draw(2, 3, 4, 2), "indices": indices},
     lambda x, indices: torch.gather(x, 2, indices[..., None].expand(-1, -1, -1, 2)))


# `image.transform`: projective, in pixels; fill mode "constant" with 0, or "nearest".
def transform(fill_mode, size):
    x = draw(2, 5, 6, 2)
    # No position lies on a border or on a pixel, where the derivative has two values.
    small = torch.tensor([[1, .125, .375, -.25, .9375, .53125, .015625, -.03125], [.75, 0, -1.125, .0625, 1.25, .3125, 0, 0]]).double().requires_grad_()

    def run(image, transforms):
        h, w = size
        _, rows, columns, _ = image.shape
        oy, ox = torch.meshgrid(torch.arange(h).double(), torch.arange(w).double(), indexing="ij")
        t = transforms[:, :, None, None]
        k = t[:, 6] * ox + t[:, 7] * oy + 1
        ix, iy = (t[:, 0] * ox + t[:, 1] * oy + t[:, 2]) / k, (t[:, 3] * ox + t[:, 4] * oy + t[:, 5]) / k
        grid = torch.stack([2 * ix / (columns - 1) - 1, 2 * iy / (rows - 1) - 1], -1)
        mode = {"constant": "zeros", "nearest": "border"}[fill_mode]
        return last(F.grid_sample(first(image), grid, padding_mode=mode, align_corners=True))

    case("transform", {"fillMode": fill_mode, "size": size}, {"image": x, "transforms": small}, run)


transform("constant", [5, 6])
transform("nearest", [4, 7])


# Pooling: padding is neither a maximum nor counted in a mean.
def pool(op, torch_op, size, strides, **more):
    # Distinct values: a maximum that two share has no gradient.
    distinct = (torch.randperm(torch.Size([2, *size, 2]).numel()).double() / 16).reshape(2, *size, 2).requires_grad_()
    taps = [3] * len(size)
    case(op, {"filterSize": taps, "strides": strides, "pad": 1}, {"x": distinct},
         lambda x: last(torch_op(first(x), taps, stride=strides, padding=1, **more)))


pool("maxPool", F.max_pool2d, [5, 6], [2, 1])
pool("avgPool", F.avg_pool2d, [5, 6], [2, 1], count_include_pad=False)
pool("maxPool3d", F.max_pool3d, [3, 4, 4], [1, 2, 1])
pool("avgPool3d", F.avg_pool3d, [3, 4, 4], [1, 2, 1], count_include_pad=False)

for half_pixel in (True,):
    case("resizeBilinear", {"size": [7, 3], "halfPixelCenters": half_pixel}, {"x": draw(1, 4, 5, 2)},
         lambda x: last(F.interpolate(first(x), size=[7, 3], mode="bilinear", align_corners=False)))

json.dump(cases, sys.stdout, separators=(",", ":"))
print()
