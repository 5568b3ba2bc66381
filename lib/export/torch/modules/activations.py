"""Activations that PyTorch lacks."""

import torch
import torch.nn.functional as F
from torch import nn


class Exp(nn.Module):
    """exp(x)"""

    def forward(self, x):
        return torch.exp(x)


class PositiveELU(nn.Module):
    """elu(x) + 1"""

    def forward(self, x):
        return F.elu(x) + 1


class Square(nn.Module):
    """x²"""

    def forward(self, x):
        return x**2


class BoundedSoftplus(nn.Module):
    """softplus(beta x) / beta, where the learned beta stays between `least` and `most`."""

    def __init__(self, least, most):
        super().__init__()
        self.least, self.most = least, most
        self.log_beta = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        beta = self.log_beta.exp().clamp(self.least, self.most)
        return F.softplus(x * beta) / beta


class SplitReLU(nn.Module):
    """[relu(x), relu(-x)]: twice the channels of x, [batch, channels, ...]."""

    def forward(self, x):
        return torch.cat([F.relu(x), F.relu(-x)], dim=1)


class GainedSplitReLU(nn.Module):
    """[relu(x) |gain|, relu(-x)]: twice the channels of x, [batch, channels, ...]."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return torch.cat([F.relu(x) * self.gain.abs(), F.relu(-x)], dim=1)
