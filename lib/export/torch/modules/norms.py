"""Norms of videos, [batch, channels, time, height, width]."""

import torch
from torch import nn


def per_channel(x):
    """Reshapes values of channels, so that they are broadcast over time and space."""
    return x[:, None, None, None]


class LayerNorm(nn.Module):
    """Normalises to mean 0 and variance 1 over channels, without gain or shift (Ba et al. 2016)."""

    def __init__(self, eps):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=1, correction=0, keepdim=True)
        return (x - mean) * torch.rsqrt(variance + self.eps)


class RMSNorm(nn.Module):
    """x / sqrt(mean(x²) + eps) * gamma + beta, with the mean over channels (Zhang & Sennrich 2019)."""

    def __init__(self, channels, eps):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        scale = torch.rsqrt(x.square().mean(dim=1, keepdim=True) + self.eps)
        return x * scale * per_channel(self.gamma) + per_channel(self.beta)


class ResponseNorm(nn.Module):
    """
    Global response normalisation, x + beta + gamma x n with n = |x| / mean over channels of |x|, where |x| is the
    norm over time and space (Woo et al. 2023).
    """

    def __init__(self, channels, eps):
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        response = torch.sqrt(x.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-12)
        relative = response / (response.mean(dim=1, keepdim=True) + self.eps)
        return x * (1 + relative * per_channel(self.gamma)) + per_channel(self.beta)
