"""
A digital twin of visual cortex, exported by gradbook. It needs only PyTorch.

The weights are in model.safetensors, the ids of each session's units in sessions.json. With this folder at
./twin:

    from twin.model import load

    model = load()

Videos are [batch, channels, time, height, width].
"""

import json
from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

SESSIONS = {
    "session 0": 4,
    "session 1": 3,
}


class SplitReLU(nn.Module):
    """[relu(x), relu(-x)]: twice the channels of x, [batch, channels, ...]."""

    def forward(self, x):
        return torch.cat([F.relu(x), F.relu(-x)], dim=1)


def per_channel(x):
    """Reshapes values of channels, so that they are broadcast over time and space."""
    return x[:, None, None, None]


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


def pixels_from_centre(size, like):
    """The positions of pixels along an axis, where 0 is the centre."""
    return torch.arange(size, device=like.device) - (size - 1) / 2


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


def chosen(session):
    """Returns the numbers of the chosen sessions: of one, given by its name or its number, or of all (None)."""
    numbers = {name: number for number, name in enumerate(SESSIONS)}
    if session is None:
        return list(numbers.values())
    if session in numbers:
        return [numbers[session]]
    if session in numbers.values():
        return [session]
    raise ValueError(f"{session!r} is no session; use one of {', '.join(numbers)}, or its number from 0")


class Twin(nn.Module):
    """A digital twin: one core, and the readouts of each session's units (SESSIONS: names and numbers of units)."""

    def __init__(self):
        super().__init__()
        self.frontend = nn.Conv3d(1, 4, (11, 1, 1), bias=False)
        self.convnet = nn.Sequential(OrderedDict(layers=nn.Sequential(
            nn.Sequential(OrderedDict(conv=nn.Conv3d(4, 32, (1, 11, 11)), act=SplitReLU())),
            nn.Sequential(OrderedDict(
                conv=nn.Conv3d(64, 64, (1, 3, 3), bias=False),
                norm=RMSNorm(64, 0.00001),
                act=nn.ReLU(),
            )),
        )))
        self.readouts = nn.ModuleList([GaussianReadout(64, 4), GaussianReadout(64, 3)])
        self.activation = nn.Softplus()

    def forward(self, stim, session=None):
        """
        Returns the rates of the session's units, or of all sessions' units one after the other, [batch, units].

        stim: [batch, 1, 16, 26, 25] as channels, frames, rows, columns, oldest frame first; (grey level - 127) / 255.
            The frames are 15 to 0 frames before the predicted bin, at 120 frames per second.
        session: the name of a session, or its number from 0. Default: all.
        """
        sessions = chosen(session)
        core = self.core(stim)
        return torch.cat([self.rates(s, core) for s in sessions], dim=1)

    def core(self, stim):
        """Returns the core's output, [batch, channels, frames, rows, columns]; the readouts read the newest frame."""
        x = stim
        x = self.frontend(x)
        x = self.convnet(x)
        return x

    def rates(self, s, core):
        """Returns the rates of the units of session number s."""
        x = self.readouts[s](core)
        return self.activation(x)


def read_safetensors(path):
    """Reads the float32 arrays of a file (https://huggingface.co/docs/safetensors describes the format)."""
    data = bytearray(Path(path).read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start].decode())
    header.pop("__metadata__", None)
    numbers = torch.frombuffer(data, dtype=torch.float32, offset=start)
    arrays = {}
    for name, about in header.items():
        first, end = (offset // 4 for offset in about["data_offsets"])
        arrays[name] = numbers[first:end].reshape(about["shape"]).clone()
    return arrays


def load(folder=Path(__file__).parent):
    """Returns the model in evaluation mode, with the weights of a folder (default: the one of this file)."""
    model = Twin()
    model.load_state_dict(read_safetensors(Path(folder) / "model.safetensors"))
    return model.eval()
