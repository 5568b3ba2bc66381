"""Modulators: features [batch, channels, time, height, width] and behaviour [batch, variables] to features."""

import torch
from torch import nn


class PlusInput(nn.Module):
    """A layer whose input is added to its output."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x) + x


def everywhere(code, x):
    """Repeats a code of each sample, [batch, values], at every pixel of every frame of x."""
    return code[:, :, None, None, None].expand(-1, -1, *x.shape[2:])


class AppendBehavior(nn.Module):
    """Appends the encoded behaviour as channels."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, x, behavior):
        return torch.cat([x, everywhere(self.encoder(behavior), x)], dim=1)


class FiLM(nn.Module):
    """A gain and a shift of each channel, computed from the behaviour (Perez et al. 2018)."""

    def __init__(self, encoder, scale, shift):
        super().__init__()
        self.encoder, self.scale, self.shift = encoder, scale, shift

    def forward(self, x, behavior):
        code = self.encoder(behavior)
        return x * everywhere(self.scale(code), x) + everywhere(self.shift(code), x)


class BehaviorGRU(nn.Module):
    """A ConvGRU over features and the embedded behaviour (the mean over its lags), and a projection of its last state."""

    def __init__(self, lags, embedding, gru, projection):
        super().__init__()
        self.lags = lags
        self.embedding, self.gru, self.projection = embedding, gru, projection

    def forward(self, x, behavior):
        code = self.embedding(behavior.unflatten(1, (self.lags, -1)).mean(dim=1))
        return self.projection(self.gru(torch.cat([x, everywhere(code, x)], dim=1))[:, :, -1:])


class PredictionError(nn.Module):
    """The last frame minus its prediction from the frames before it and the behaviour (Rao & Ballard 1999)."""

    def __init__(self, embedding, predictor, projection):
        super().__init__()
        self.embedding, self.predictor, self.projection = embedding, predictor, projection

    def forward(self, x, behavior):
        before = x[:, :, :-1]
        code = everywhere(self.embedding(behavior), before)
        return x[:, :, -1:] - self.projection(self.predictor(torch.cat([before, code], dim=1))[:, :, -1:])


class FrameAndError(PredictionError):
    """The last frame and its prediction error."""

    def forward(self, x, behavior):
        return torch.cat([x[:, :, -1:], super().forward(x, behavior)], dim=1)
