"""Modules that move the readouts of one session."""

import torch
from torch import nn


class Shifter(nn.Module):
    """The shift of all units with the eye: eye positions [batch, 2] to (dy, dx) pixels, [batch, 1, 2]."""

    def __init__(self, hidden):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, 2))

    def forward(self, eyepos):
        return self.layers(eyepos)[:, None]


class LimitedShifter(Shifter):
    """A shifter whose shifts are less than `most` pixels along each axis."""

    def __init__(self, hidden, most):
        super().__init__(hidden)
        self.most = most

    def forward(self, eyepos):
        return self.most * torch.tanh(super().forward(eyepos))
