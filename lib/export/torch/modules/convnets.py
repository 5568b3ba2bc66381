"""Parts of convolutional networks, on videos [batch, channels, time, height, width]."""

import torch
from torch import nn


def newest_centre(x, like):
    """Cuts x to the size of another video: its newest frames, and their centre."""
    time, height, width = like.shape[2:]
    top = (x.shape[3] - height) // 2
    left = (x.shape[4] - width) // 2
    return x[:, :, x.shape[2] - time :, top : top + height, left : left + width]


class Residual(nn.Module):
    """A block with a shortcut around it (He et al. 2016)."""

    def __init__(self, main, shortcut, post):
        super().__init__()
        self.main, self.shortcut, self.post = main, shortcut, post

    def forward(self, x):
        y = self.main(x)
        return self.post(y + newest_centre(self.shortcut(x), y))


class Dense(nn.Module):
    """Appends the output of a block to the channels of its input (Huang et al. 2017)."""

    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, x):
        y = self.block(x)
        return torch.cat([newest_centre(x, y), y], dim=1)


class OfAllRotations(nn.Module):
    """Applies a layer to features that rotations share: channels [rotations, features] become columns of the image."""

    def __init__(self, rotations, layer):
        super().__init__()
        self.rotations, self.layer = rotations, layer

    def forward(self, x):
        folded = x.unflatten(1, (self.rotations, -1)).permute(0, 2, 3, 4, 5, 1).flatten(4)
        y = self.layer(folded).unflatten(4, (-1, self.rotations))
        return y.permute(0, 5, 1, 2, 3, 4).flatten(1, 2)
