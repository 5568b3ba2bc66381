"""Writes a small checkpoint as Lightning does, of a model that receives the newest frame first, and its output for a
stimulus: model.ckpt and expected.json in the given folder."""
import json
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)


class Temporal(nn.Module):
    def __init__(self):
        super().__init__()
        self.temporal_conv = nn.Conv3d(1, 2, (4, 1, 1), bias=False)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.utils.parametrizations.weight_norm(nn.Conv3d(2, 4, (2, 3, 3), bias=False), dim=0)
        self.norm = nn.BatchNorm3d(4)
        nn.init.normal_(self.norm.weight)
        nn.init.normal_(self.norm.running_mean)


class Convnet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Block()])


class Readout(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.fc = nn.Linear(4, units)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.frontend, self.convnet = Temporal(), Convnet()
        self.readouts = nn.ModuleList([Readout(3), Readout(2)])

    def forward(self, x):
        block = self.convnet.layers[0]
        y = F.relu(block.norm(block.conv(self.frontend.temporal_conv(x))))
        # One frame is left; the mean over space.
        return F.softplus(torch.cat([readout.fc(y[:, :, -1].mean((2, 3))) for readout in self.readouts], 1))


model = Model().eval()
stim = torch.randn(2, 5, 6, 7)
with torch.no_grad():
    rates = model(stim.flip(1)[:, None])
state = {f"model.{name}": value for name, value in model.state_dict().items()}
state["model.extra.weight"] = torch.zeros(2)
torch.save({"state_dict": state, "epoch": 4, "global_step": 120}, f"{sys.argv[1]}/model.ckpt")
with open(f"{sys.argv[1]}/expected.json", "w") as file:
    json.dump({"stim": stim.tolist(), "rates": rates.tolist()}, file)
