"""Readouts of a session's units from the newest frame of the core's output, [batch, channels, time, height, width]."""

import torch
from torch import nn


def pixels_from_centre(size, like):
    """The positions of pixels along an axis, where 0 is the centre."""
    return torch.arange(size, device=like.device) - (size - 1) / 2


class LinearReadout(nn.Module):
    """Reads the mean of each channel over space."""

    def __init__(self, channels, units, bias=True):
        super().__init__()
        self.features = nn.Linear(channels, units, bias)

    def forward(self, core):
        return self.features(core[:, :, -1].mean(dim=(2, 3)))


class FactorizedReadout(nn.Module):
    """Reads with a weight for each channel and the absolute value of a weight for each pixel (Klindt et al. 2017)."""

    def __init__(self, channels, pixels, units):
        super().__init__()
        self.features = nn.Parameter(torch.zeros(units, channels))
        self.spatial = nn.Parameter(torch.zeros(units, pixels))
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, core):
        frame = core[:, :, -1].flatten(2)
        return torch.einsum("bcp,up,uc->bu", frame, self.spatial.abs(), self.features) + self.bias


class GaussianReadout(nn.Module):
    """Reads with a weight for each channel, through a 2-D Gaussian over pixels of sum 1 (Lurz et al. 2021)."""

    def __init__(self, channels, units):
        super().__init__()
        self.features = nn.Parameter(torch.zeros(units, channels))
        self.mean = nn.Parameter(torch.zeros(units, 2))
        self.std = nn.Parameter(torch.ones(units, 2))
        self.theta = nn.Parameter(torch.zeros(units))
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, core, offset=0):
        """Reads; `offset` [batch, 1, 2] moves all units by (dy, dx) pixels."""
        frame = core[:, :, -1]
        masks = self.masks(self.mean + offset, *frame.shape[2:])
        return (torch.einsum("bchw,uc->buhw", frame, self.features) * masks).sum(dim=(2, 3)) + self.bias

    def masks(self, mean, height, width):
        """The masks [..., units, height, width] for means [..., units, 2], (y, x) in pixels from the centre."""
        dy = pixels_from_centre(height, mean)[:, None] - mean[..., 0, None, None]
        dx = pixels_from_centre(width, mean) - mean[..., 1, None, None]
        cos, sin = self.theta.cos()[:, None, None], self.theta.sin()[:, None, None]
        std = self.std.clamp(min=1e-3)[..., None, None]
        u = (dy * cos + dx * sin) / std[:, 0]
        v = (dx * cos - dy * sin) / std[:, 1]
        masks = torch.exp(-0.5 * (u**2 + v**2))
        return masks / (masks.sum(dim=(-2, -1), keepdim=True) + 1e-8)


class PointReadout(nn.Module):
    """Reads with a weight for each channel at one point, interpolated between pixels (Lurz et al. 2021)."""

    def __init__(self, channels, units):
        super().__init__()
        self.features = nn.Parameter(torch.zeros(units, channels))
        self.mean = nn.Parameter(torch.zeros(units, 2))
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, core, offset=0):
        """Reads; `offset` [batch, 1, 2] moves all units by (dy, dx) pixels."""
        frame = core[:, :, -1]
        mean = self.mean + offset
        rows = self.shares(mean[..., 0], frame.shape[2])
        columns = self.shares(mean[..., 1], frame.shape[3])
        of_features = torch.einsum("bchw,uc->buhw", frame, self.features)
        return (of_features * rows[..., None] * columns[..., None, :]).sum(dim=(2, 3)) + self.bias

    def shares(self, position, size):
        """The weights of an axis' pixels in the interpolation at a position, which is moved to the edge if it is beyond."""
        edge = (size - 1) / 2
        distance = pixels_from_centre(size, position) - position.clamp(-edge, edge)[..., None]
        return (1 - distance.abs()).clamp(min=0)
