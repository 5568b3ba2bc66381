"""Adapters of sessions' frames to the shared core."""

import torch
import torch.nn.functional as F
from torch import nn


class Resample(nn.Module):
    """Blurs and scales frames: a matrix on their rows, another on their columns."""

    def __init__(self, size, height, width):
        super().__init__()
        self.register_buffer("rows", torch.zeros(size, height))
        self.register_buffer("columns", torch.zeros(size, width))

    def forward(self, x):
        return self.rows @ x @ self.columns.T


class ResampleAffine(nn.Module):
    """Blurs frames, then samples them at positions [size, size, (x, y)], -1 to 1 between the frame's edges."""

    def __init__(self, size, blurred, height, width):
        super().__init__()
        self.register_buffer("rows", torch.zeros(blurred[0], height))
        self.register_buffer("columns", torch.zeros(blurred[1], width))
        self.register_buffer("positions", torch.zeros(size, size, 2))

    def forward(self, x):
        frames = (self.rows @ x @ self.columns.T).flatten(1, 2)
        positions = self.positions.expand(x.shape[0], -1, -1, -1)
        return F.grid_sample(frames, positions, align_corners=True).unflatten(1, x.shape[1:3])
