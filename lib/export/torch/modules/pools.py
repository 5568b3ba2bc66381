"""Poolings of videos, [batch, channels, time, height, width]."""

import torch
import torch.nn.functional as F
from torch import nn


class SoftPool(nn.Module):
    """The mean of each 2 × 2 pixels, weighted by exp(x / 10) (Stergiou et al. 2021)."""

    def __init__(self, stride):
        super().__init__()
        self.mean = nn.AvgPool3d((1, 2, 2), (1, stride, stride))

    def forward(self, x):
        weight = torch.exp(x / 10)
        return self.mean(x * weight) / (self.mean(weight) + 1e-6)


class SqueezeExcite(nn.Module):
    """A gain for each channel of each frame, computed from the means over space (Hu et al. 2018)."""

    def __init__(self, channels, hidden):
        super().__init__()
        self.reduce = nn.Linear(channels, hidden)
        self.expand = nn.Linear(hidden, channels)

    def forward(self, x):
        squeezed = x.mean(dim=(3, 4)).movedim(1, 2)
        gain = torch.sigmoid(self.expand(F.silu(self.reduce(squeezed))))
        return x * gain.movedim(2, 1)[..., None, None]


class Blur(nn.Module):
    """A binomial blur of 3 × 3 pixels with zeros outside, which prevents aliasing by strides (Zhang 2019)."""

    def forward(self, x):
        taps = torch.tensor([1.0, 2.0, 1.0], device=x.device) / 4
        kernel = torch.outer(taps, taps).expand(x.shape[1], 1, 1, 3, 3)
        return F.conv3d(x, kernel, padding=(0, 1, 1), groups=x.shape[1])


class LocalAttention(nn.Module):
    """x sigmoid(a) sigmoid(b): a reads the channels of its block at a pixel, b the pixels around it in its channel."""

    def __init__(self, channels, block, side):
        super().__init__()
        self.channel_gate = nn.Conv3d(channels, channels, 1, groups=channels // block)
        self.spatial_gate = nn.Conv3d(
            channels, channels, (1, side, side), padding=(0, side // 2, side // 2), groups=channels
        )

    def forward(self, x):
        return x * torch.sigmoid(self.channel_gate(x)) * torch.sigmoid(self.spatial_gate(x))
