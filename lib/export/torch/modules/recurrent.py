"""Recurrent layers over the frames of a video, [batch, channels, time, height, width]."""

import torch
from torch import nn


class ConvGRU(nn.Module):
    """A convolutional gated recurrent unit (Ballas et al. 2016). Returns its state after each frame."""

    def __init__(self, channels, hidden, size):
        super().__init__()
        self.hidden = hidden
        self.gates = nn.Conv2d(channels + hidden, 2 * hidden, size, padding=size // 2)
        self.candidate = nn.Conv2d(channels + hidden, hidden, size, padding=size // 2)

    def forward(self, x):
        state = x.new_zeros(x.shape[0], self.hidden, *x.shape[3:])
        states = []
        for frame in x.unbind(2):
            update, reset = torch.sigmoid(self.gates(torch.cat([frame, state], 1))).chunk(2, 1)
            candidate = torch.tanh(self.candidate(torch.cat([frame, reset * state], 1)))
            state = state + update * (candidate - state)
            states.append(state)
        return torch.stack(states, 2)


class FlatRecurrent(nn.Module):
    """A recurrent network over flattened frames. Returns its state after each frame, [batch, hidden, time, 1, 1]."""

    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        states, _ = self.rnn(x.permute(0, 2, 3, 4, 1).flatten(2))
        return states.movedim(2, 1)[..., None, None]
