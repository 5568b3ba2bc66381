"""Frontends: filters over time, the same for every pixel of a video [batch, channels, time, height, width]."""

import torch
import torch.nn.functional as F
from torch import nn


def filter_time(x, kernels, past):
    """
    Correlates every pixel of every channel with kernels [filters, taps], with zeros outside of the video.

    Tap `past` applies to the frame itself. Returns [batch * channels, filters, time, height, width].
    """
    time, height, width = x.shape[2:]
    series = F.pad(x.reshape(-1, 1, time, height, width), (0, 0, 0, 0, past, kernels.shape[1] - 1 - past))
    return F.conv3d(series, kernels[:, None, :, None, None])


class Adaptation(nn.Module):
    """Dynamical adaptation (Clark et al. 2013): a fast response divided by a slow one, alpha y / (1 + beta z)."""

    def __init__(self, alpha, beta, taps):
        super().__init__()
        self.alpha, self.beta = alpha, beta
        self.register_buffer("kernels", torch.zeros(2, taps))

    def forward(self, x):
        y, z = filter_time(x, self.kernels, self.kernels.shape[1] - 1).chunk(2, dim=1)
        return (self.alpha * y / (1 + self.beta * z).clamp(min=1e-6)).reshape(x.shape)


class TemporalBasis(nn.Module):
    """A fixed bank of raised cosines; the first `chomp` frames are removed. Output channel c * functions + b."""

    def __init__(self, functions, taps, past, chomp, norm):
        super().__init__()
        self.past, self.chomp, self.norm = past, chomp, norm
        self.register_buffer("kernels", torch.zeros(functions, taps))

    def forward(self, x):
        y = self.norm(filter_time(x, self.kernels, self.past))
        return y.reshape(x.shape[0], -1, *x.shape[2:])[:, :, self.chomp :]


class SplitTemporal(nn.Module):
    """Temporal filters of each frame's low-pass (Burt & Adelson 1983) and of the rest of the frame."""

    def __init__(self, height, width, of_residual, of_low):
        super().__init__()
        self.of_residual, self.of_low = of_residual, of_low
        self.register_buffer("rows", torch.zeros(height, height))
        self.register_buffer("columns", torch.zeros(width, width))

    def forward(self, x):
        low = self.rows @ x @ self.columns.T
        return torch.cat([self.of_residual(x - low), self.of_low(low)], dim=1)
