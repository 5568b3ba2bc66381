"""Layers of the three models, in PyTorch's layout [batch, channels, time, height, width]."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def triple(x):
    return (x, x, x) if isinstance(x, (int, float)) else tuple(x)


def anti_alias_window(kernel_size, name="hann", power=1.0):
    """A separable window with peak 1 on the axes with five or more taps."""
    axes = []
    for n in kernel_size:
        window = getattr(torch.signal.windows, name)(n).clamp_min(0).pow(power) if n >= 5 else torch.ones(n)
        axes.append(window / window.max())
    return axes[0][:, None, None] * axes[1][None, :, None] * axes[2][None, None, :]


class Conv(nn.Module):
    """A 3-D convolution; its kernel may be a direction of unit norm per filter, and is multiplied by a window."""

    def __init__(self, in_channels, out_channels, kernel_size, bias, use_weight_norm=False, keep_unit_norm=False,
                 aa_signal=False, aa_window="hann", aa_window_kwargs=None, stride=1, dilation=1, padding=0,
                 type="standard", weight_norm_dim=0):
        super().__init__()
        if type != "standard" or weight_norm_dim != 0 or use_weight_norm != keep_unit_norm:
            raise ValueError("the benchmark has standard convolutions, with unit norm or without weight norm")
        size = triple(kernel_size)
        weight = torch.empty(out_channels, in_channels, *size)
        nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
        self.unit_norm, self.stride, self.dilation = use_weight_norm, triple(stride), triple(dilation)
        # Optimizer groups recognise kernels by their name and exclude directions from weight decay.
        self.register_parameter("direction" if self.unit_norm else "weight", nn.Parameter(weight))
        window = anti_alias_window(size, aa_window, **(aa_window_kwargs or {})) if aa_signal else None
        self.register_buffer("window", window, persistent=False)
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def kernel(self):
        if self.unit_norm:
            norm = self.direction.flatten(1).norm(dim=1).clamp_min(1e-12)
            weight = self.direction / norm.view(-1, 1, 1, 1, 1)
        else:
            weight = self.weight
        return weight if self.window is None else weight * self.window

    def forward(self, x):
        return F.conv3d(x, self.kernel(), self.bias, stride=self.stride, dilation=self.dilation)


class RMSNorm(nn.Module):
    def __init__(self, channels, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        y = x * torch.rsqrt(x.pow(2).mean(1, keepdim=True) + self.eps)
        return y * self.gamma.view(1, -1, 1, 1, 1) + self.beta.view(1, -1, 1, 1, 1)


class GRN(nn.Module):
    """Global response normalisation (ConvNeXt V2), over time and space."""

    def __init__(self, channels, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.full((channels,), 0.1))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        norm = torch.linalg.vector_norm(x, dim=(2, 3, 4), keepdim=True)
        share = norm / (norm.mean(1, keepdim=True) + self.eps)
        return x + self.beta.view(1, -1, 1, 1, 1) + self.gamma.view(1, -1, 1, 1, 1) * x * share


class SplitRelu(nn.Module):
    """Returns both rectified halves as channels."""

    def forward(self, x):
        return torch.cat([F.relu(x), F.relu(-x)], dim=1)


NORMS = {"rms": RMSNorm, "grn": GRN}
ACTIVATIONS = {"relu": nn.ReLU, "splitrelu": SplitRelu}


class ConvBlock(nn.Module):
    """pad, conv, norm, act, pool. Time is padded causally; edges are replicated."""

    def __init__(self, in_channels, out_channels, conv_params, norm_type, act_type, pool_params=None, dropout=0.0,
                 order=()):
        super().__init__()
        if dropout or "pool" in order:
            raise ValueError("the benchmark has no dropout, and pools last")
        taps, height, width = triple(conv_params["kernel_size"])
        pad_time, pad_y, pad_x = triple(conv_params.get("padding", 0))
        self.pad = (pad_x, pad_x, pad_y, pad_y, (taps - 1) * triple(conv_params.get("dilation", 1))[0], 0)
        self.conv = Conv(in_channels, out_channels, bias=False, **conv_params)
        self.norm = NORMS[norm_type](out_channels)
        self.act = ACTIVATIONS[act_type]()
        self.pool = None
        if pool_params and pool_params["type"] == "max":
            self.pool = nn.MaxPool3d(pool_params["kernel_size"], pool_params["stride"])
        self.stride = triple(pool_params["stride"]) if self.pool else (1, 1, 1)
        self.out_channels = out_channels * (2 if act_type == "splitrelu" else 1)

    def forward(self, x):
        if any(self.pad):
            x = F.pad(x, self.pad, mode="replicate")
        x = self.act(self.norm(self.conv(x)))
        return x if self.pool is None else self.pool(x)


def crop_like(x, like):
    """Returns the most recent frames and their centre, in the size of another tensor."""
    x = x[:, :, -like.shape[2]:]
    top, left = (x.shape[3] - like.shape[3]) // 2, (x.shape[4] - like.shape[4]) // 2
    return x[:, :, :, top:top + like.shape[3], left:left + like.shape[4]]


class ResBlock(nn.Module):
    def __init__(self, in_channels, out_channels, config):
        super().__init__()
        self.main = ConvBlock(in_channels, out_channels, **config)
        self.out_channels = self.main.out_channels
        self.shortcut = nn.Conv3d(in_channels, self.out_channels, 1, stride=self.main.stride, bias=False)

    def forward(self, x):
        y = self.main(x)
        return y + crop_like(self.shortcut(x), y)


class ResNet(nn.Module):
    def __init__(self, in_channels, channels, block_configs, stem_config=None):
        super().__init__()
        blocks = []
        if stem_config:
            config = dict(stem_config)
            blocks.append(ConvBlock(in_channels, config.pop("out_channels"), **config))
        for out_channels, config in zip(channels, block_configs):
            blocks.append(ResBlock(blocks[-1].out_channels if blocks else in_channels, out_channels, config))
        self.blocks = nn.Sequential(*blocks)
        self.out_channels = blocks[-1].out_channels

    def forward(self, x):
        return self.blocks(x)
