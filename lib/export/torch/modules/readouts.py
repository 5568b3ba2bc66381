"""Readouts of a session's units from the newest frame of the core's output, [batch, channels, time, height, width]."""

import torch
import torch.nn.functional as F
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

    def forward(self, core):
        frame = core[:, :, -1]
        masks = self.masks(self.mean, *frame.shape[2:])
        return torch.einsum("bchw,uhw,uc->bu", frame, masks, self.features) + self.bias

    def masks(self, mean, height, width):
        """Returns the masks [..., units, height, width] for means [..., units, 2], (y, x) in pixels from the centre."""
        dy = pixels_from_centre(height, mean)[:, None] - mean[..., 0, None, None]
        dx = pixels_from_centre(width, mean) - mean[..., 1, None, None]
        cos, sin = self.theta.cos()[:, None, None], self.theta.sin()[:, None, None]
        std = self.std.clamp(min=1e-3)[..., None, None]
        u = (dy * cos + dx * sin) / std[:, 0]
        v = (dx * cos - dy * sin) / std[:, 1]
        masks = torch.exp(-0.5 * (u**2 + v**2))
        return masks / (masks.sum(dim=(-2, -1), keepdim=True) + 1e-8)


class ShiftedGaussianReadout(GaussianReadout):
    """Reads as GaussianReadout, with all units of a sample moved by an offset [batch, 1, 2], (dy, dx) in pixels."""

    def forward(self, core, offset):
        frame = core[:, :, -1]
        masks = self.masks(self.mean + offset, *frame.shape[2:])
        return torch.einsum("bchw,buhw,uc->bu", frame, masks, self.features) + self.bias


class PointReadout(nn.Module):
    """Reads with a weight for each channel at one point, interpolated between pixels (Lurz et al. 2021)."""

    def __init__(self, channels, units):
        super().__init__()
        self.features = nn.Parameter(torch.zeros(units, channels))
        self.mean = nn.Parameter(torch.zeros(units, 2))
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, core):
        return self.read(core[:, :, -1], self.mean.expand(core.shape[0], -1, -1))

    def read(self, frame, places):
        """Reads a frame at places [batch, units, 2], (y, x) in pixels from the centre; those beyond the edge move to it."""
        half = frame.new_tensor([max(size - 1, 1) / 2 for size in frame.shape[2:]])
        # Places are (x, y) here, from -1 to 1 between the centres of the first and the last pixel.
        grid = (places / half).flip(-1)[:, :, None]
        seen = F.grid_sample(frame, grid, padding_mode="border", align_corners=True)[..., 0]
        return torch.einsum("bcu,uc->bu", seen, self.features) + self.bias


class ShiftedPointReadout(PointReadout):
    """Reads as PointReadout, with all units of a sample moved by an offset [batch, 1, 2], (dy, dx) in pixels."""

    def forward(self, core, offset):
        return self.read(core[:, :, -1], self.mean + offset)
