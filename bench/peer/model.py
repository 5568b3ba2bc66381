"""The three models: adapter, temporal frontend, residual network, behaviour, recurrence, Gaussian readouts."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from layers import Conv, ResNet


class Adapter(nn.Module):
    """Blurs and rescales the stimulus of one dataset onto the grid that all datasets share."""

    def __init__(self, grid_size, init_sigma, transform):
        super().__init__()
        if transform != "scale":
            raise ValueError("the benchmark's adapter scales")
        self.grid_size = grid_size
        self.log_sigma = nn.Parameter(torch.tensor(math.log(math.expm1(init_sigma))))
        self.log_scale = nn.Parameter(torch.full((2,), math.log(math.expm1(1.0))))

    def sigma(self, scale):
        """Returns the learned blur, but at least the blur that prevents aliasing."""
        least = scale.min()
        anti_alias = 0.44 * (1.0 / least - 1.0) if least < 1 else torch.zeros_like(least)
        return torch.sqrt(anti_alias ** 2 + F.softplus(self.log_sigma) ** 2)

    def forward(self, x):
        b, c, t, h, w = x.shape
        scale = F.softplus(self.log_scale)
        sigma = self.sigma(scale)
        radius = (int(round(sigma.item() * 6)) | 1) // 2
        kernel = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
        kernel = kernel / kernel.sum()
        y = x.reshape(b * c, t, h, w)
        y = F.conv2d(y, kernel.view(1, 1, -1, 1).expand(t, 1, -1, 1), padding=(radius, 0), groups=t)
        y = F.conv2d(y, kernel.view(1, 1, 1, -1).expand(t, 1, 1, -1), padding=(0, radius), groups=t)
        line = torch.linspace(-1.0, 1.0, self.grid_size)
        grid_y, grid_x = torch.meshgrid(line, line, indexing="ij")
        grid = torch.stack((grid_x * scale[0], grid_y * scale[1]), -1).expand(b * c, -1, -1, -1)
        y = F.grid_sample(y, grid, mode="bilinear", align_corners=True, padding_mode="zeros")
        return y.reshape(b, c, t, self.grid_size, self.grid_size)


def gaussian_derivatives(taps, channels):
    """First temporal kernels [channels, taps]: a Gaussian, its derivatives, then noise under the Gaussian."""
    t = torch.arange(taps) - (taps - 1) / 2
    s = taps / 6.0
    g = torch.exp(-0.5 * (t / s) ** 2)
    rows = [g, -t / s ** 2 * g, (t ** 2 / s ** 2 - 1) / s ** 2 * g][:channels]
    rows += [torch.randn(taps) * g for _ in range(channels - len(rows))]
    return torch.stack([row / row.norm() for row in rows])


def temporal_frontend(kernel_size, num_channels, init_type, split_MP, causal, bias, **kernel):
    if init_type != "gaussian_derivatives" or split_MP or not causal:
        raise ValueError("the benchmark's frontend is causal and starts with derivatives of a Gaussian")
    conv = Conv(1, num_channels, (kernel_size, 1, 1), bias=bias, **kernel)
    with torch.no_grad():
        conv.weight.copy_(gaussian_derivatives(kernel_size, num_channels).view_as(conv.weight))
    return conv


class BehaviorEncoder(nn.Sequential):
    def __init__(self, behavior_dim):
        super().__init__(nn.Linear(behavior_dim, 64), nn.GELU(), nn.Linear(64, 64))


class Film(nn.Module):
    """Scales and shifts every channel by the behaviour."""

    def __init__(self, in_channels, behavior_dim):
        super().__init__()
        self.encoder = BehaviorEncoder(behavior_dim)
        self.scale, self.shift = nn.Linear(64, in_channels), nn.Linear(64, in_channels)
        for layer, bias in ((self.scale, 1.0), (self.shift, 0.0)):
            nn.init.zeros_(layer.weight)
            nn.init.constant_(layer.bias, bias)
        self.out_channels = in_channels

    def forward(self, x, behavior):
        code = self.encoder(behavior)
        shape = (*x.shape[:2], 1, 1, 1)
        return self.scale(code).view(shape) * x + self.shift(code).view(shape)


class Concat(nn.Module):
    """Appends the behaviour as channels."""

    def __init__(self, in_channels, behavior_dim):
        super().__init__()
        self.encoder = BehaviorEncoder(behavior_dim)
        self.out_channels = in_channels + 64

    def forward(self, x, behavior):
        code = self.encoder(behavior)[:, :, None, None, None]
        return torch.cat([x, code.expand(-1, -1, *x.shape[2:])], dim=1)


class ConvGRU(nn.Module):
    def __init__(self, in_channels, hidden_dim, kernel_size, n_layers):
        super().__init__()
        if n_layers != 1:
            raise ValueError("the benchmark's ConvGRU has one layer")
        self.hidden_dim = self.out_channels = hidden_dim

        def gate(bias):
            conv = nn.Conv2d(in_channels + hidden_dim, hidden_dim, kernel_size, padding=kernel_size // 2)
            nn.init.orthogonal_(conv.weight)
            nn.init.constant_(conv.bias, bias)
            return conv

        self.update, self.reset, self.out = gate(1.0), gate(0.0), gate(0.0)

    def forward(self, x):
        hidden = torch.zeros(x.shape[0], self.hidden_dim, *x.shape[3:])
        for t in range(x.shape[2]):
            frame = x[:, :, t]
            both = torch.cat([frame, hidden], 1)
            z, r = torch.sigmoid(self.update(both)), torch.sigmoid(self.reset(both))
            n = torch.tanh(self.out(torch.cat([frame, r * hidden], 1)))
            hidden = (1 - z) * hidden + z * n
        return hidden


class GaussianReadout(nn.Module):
    """A readout in which each unit has a Gaussian on the core's last frame."""

    def __init__(self, in_channels, units, bias, initial_std, initial_mean_scale):
        super().__init__()
        self.features = nn.Linear(in_channels, units, bias=False)
        nn.init.normal_(self.features.weight, std=1 / math.sqrt(in_channels))
        self.bias = nn.Parameter(torch.zeros(units)) if bias else None
        self.mean = nn.Parameter(initial_mean_scale * torch.randn(units, 2))
        self.std = nn.Parameter(torch.full((units, 2), float(initial_std)))
        self.theta = nn.Parameter(torch.zeros(units))

    def mask(self, height, width):
        y = (torch.arange(height) - (height - 1) / 2).view(1, height, 1) - self.mean[:, 0].view(-1, 1, 1)
        x = (torch.arange(width) - (width - 1) / 2).view(1, 1, width) - self.mean[:, 1].view(-1, 1, 1)
        cos, sin = torch.cos(self.theta).view(-1, 1, 1), torch.sin(self.theta).view(-1, 1, 1)
        std = self.std.clamp_min(1e-3)
        u = (y * cos + x * sin) / std[:, 0].view(-1, 1, 1)
        v = (x * cos - y * sin) / std[:, 1].view(-1, 1, 1)
        mask = torch.exp(-0.5 * (u ** 2 + v ** 2))
        return mask / (mask.sum((1, 2), keepdim=True) + 1e-8)

    def forward(self, x):
        features = torch.einsum("bchw,uc->buhw", x, self.features.weight)
        rate = (features * self.mask(*x.shape[2:])).sum((2, 3))
        return rate if self.bias is None else rate + self.bias


class Gaussian2dReadout(nn.Module):
    """Reads the features at one point for each unit, drawn from a Gaussian for each sample in training, with `grid_sample`."""

    def __init__(self, channels, units, size, bias, initial_std, initial_mean_scale):
        super().__init__()
        # `grid_sample` counts from -1 to 1, x first.
        self.register_buffer("reach", (torch.tensor([size[1], size[0]]) - 1) / 2, persistent=False)
        self.features = nn.Linear(channels, units, bias=False)
        self.mean = nn.Parameter(initial_mean_scale * torch.randn(units, 2))
        self.std = nn.Parameter(torch.full((units, 2), float(initial_std)))
        self.bias = nn.Parameter(torch.zeros(units)) if bias else None

    def forward(self, x):
        place = self.mean.expand(len(x), -1, -1)
        if self.training:
            place = place + self.std * torch.randn(place.shape)
        grid = (place / self.reach).clamp(-1, 1).unsqueeze(2)
        seen = F.grid_sample(x, grid, align_corners=True).squeeze(3)
        rate = (seen * self.features.weight.t()).sum(1)
        return rate if self.bias is None else rate + self.bias


class Unmodulated(nn.Module):
    """Ignores the behaviour."""

    def __init__(self, in_channels):
        super().__init__()
        self.out_channels = in_channels

    def forward(self, x, behavior):
        return x


class LastFrame(nn.Module):
    """Takes the newest frame, as a recurrent layer does."""

    def __init__(self, in_channels):
        super().__init__()
        self.out_channels = in_channels

    def forward(self, x):
        return x[:, :, -1]


MODULATORS = {"film": Film, "concat": Concat, "none": Unmodulated}
RECURRENT = {"convgru": ConvGRU, "none": LastFrame}


class Core(nn.Module):
    """The part of the model that all datasets share."""

    def __init__(self, config):
        super().__init__()
        params = {name: config[name]["params"] for name in ("frontend", "convnet", "modulator", "recurrent")}
        self.frontend = temporal_frontend(**params["frontend"])
        self.convnet = ResNet(params["frontend"]["num_channels"], **params["convnet"])
        self.modulator = MODULATORS[config["modulator"]["type"]](self.convnet.out_channels, **params["modulator"])
        self.recurrent = RECURRENT[config["recurrent"]["type"]](self.modulator.out_channels, **params["recurrent"])
        self.out_channels = self.recurrent.out_channels

    def forward(self, stim, behavior):
        return self.recurrent(self.modulator(self.convnet(self.frontend(stim)), behavior))


class Model(nn.Module):
    def __init__(self, config, bench):
        super().__init__()
        units = bench["units"]
        adapted = config["adapter"]["type"] == "adapter"
        self.adapters = nn.ModuleList(Adapter(**config["adapter"]["params"]) if adapted else nn.Identity()
                                      for _ in units)
        self.core = Core(config)
        self.readouts = nn.ModuleList(self.readout(config["readout"], n, bench) for n in units)

    def readout(self, config, units, bench):
        channels, params = self.core.out_channels, config["params"]
        if config["type"] == "gaussian":
            return GaussianReadout(channels, units, **params)
        with torch.no_grad():
            stim = torch.zeros(1, 1, bench["lags"], bench["height"], bench["width"])
            size = self.core(stim, None).shape[2:]
        return Gaussian2dReadout(channels, units, size, **params)

    def head(self, x, dataset):
        return F.softplus(self.readouts[dataset](x))
