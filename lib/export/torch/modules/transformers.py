"""A factorised space-time vision transformer (Arnab et al. 2021, model 2). Tokens are [batch, tokens, width]."""

import torch
import torch.nn.functional as F
from torch import nn


class TokenRMSNorm(nn.Module):
    """x / sqrt(mean(x²) + eps) * gamma (Zhang & Sennrich 2019)"""

    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return unit_rms(x) * self.gamma


class DynamicTanh(nn.Module):
    """tanh(alpha x) gamma + beta (Zhu et al. 2025)"""

    def __init__(self, width):
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1))
        self.gamma = nn.Parameter(torch.ones(width))
        self.beta = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return torch.tanh(self.alpha * x) * self.gamma + self.beta


def unit_rms(x):
    """Divides x by its root mean square over the last axis."""
    return x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + 1e-5)


class UnitRMS(nn.Module):
    """Normalises the queries and keys of each head."""

    def forward(self, x):
        return unit_rms(x)


class Rotary(nn.Module):
    """Rotary positions (Su et al. 2021): the entries of a head in `parts`, one for each axis of the positions."""

    def __init__(self, tokens, width, parts):
        super().__init__()
        self.parts = parts
        self.register_buffer("cos", torch.ones(tokens, width))
        self.register_buffer("sin", torch.zeros(tokens, width))

    def forward(self, x):
        first, second = x.unflatten(-1, (self.parts, 2, -1)).unbind(-2)
        return x * self.cos + torch.stack([-second, first], dim=-2).flatten(-3) * self.sin


class Attention(nn.Module):
    """Attention of tokens to each other, or to those before them. `place` acts on queries and keys."""

    def __init__(self, width, heads, head_width, causal, place):
        super().__init__()
        self.heads, self.causal, self.place = heads, causal, place
        self.to_qkv = nn.Linear(width, 3 * heads * head_width, bias=False)
        self.to_out = nn.Linear(heads * head_width, width)

    def forward(self, x):
        q, k, v = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(self.place(q), self.place(k), v, is_causal=self.causal)
        return self.to_out(seen.movedim(1, 2).flatten(2))


class FeedForward(nn.Module):
    """Two dense layers on each token."""

    def __init__(self, width, hidden, activation):
        super().__init__()
        self.ff_in = nn.Linear(width, hidden)
        self.activation = activation
        self.ff_out = nn.Linear(hidden, width)

    def forward(self, x):
        return self.ff_out(self.activation(self.ff_in(x)))


class GatedFeedForward(nn.Module):
    """Two dense layers on each token, with a gate (SwiGLU, Shazeer 2020)."""

    def __init__(self, width, hidden):
        super().__init__()
        self.ff_in = nn.Linear(width, 2 * hidden)
        self.ff_out = nn.Linear(hidden, width)

    def forward(self, x):
        value, gate = self.ff_in(x).chunk(2, dim=-1)
        return self.ff_out(value * F.silu(gate))


class Block(nn.Module):
    """A transformer block with norms first (Vaswani et al. 2017)."""

    def __init__(self, norm1, attention, norm2, feed_forward):
        super().__init__()
        self.norm1, self.attention = norm1, attention
        self.norm2, self.feed_forward = norm2, feed_forward

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.feed_forward(self.norm2(x))


class Tokenizer(nn.Module):
    """Tokens [batch, time, height, width, D] from tubelets of a video; the last tubelet ends with the newest frame."""

    def __init__(self, oldest, conv, norm1, proj, norm2):
        super().__init__()
        self.oldest = oldest
        self.conv, self.norm1, self.proj, self.norm2 = conv, norm1, proj, norm2

    def forward(self, x):
        tubelets = self.conv(x[:, :, self.oldest :]).movedim(1, -1)
        return self.norm2(self.proj(self.norm1(tubelets)))


class InSpace(nn.Module):
    """Blocks over the tokens of each frame, [batch, time, height, width, D]."""

    def __init__(self, blocks):
        super().__init__()
        self.blocks = blocks

    def forward(self, x):
        return self.blocks(x.flatten(2, 3).flatten(0, 1)).reshape(x.shape)


class InSpaceWithRegisters(nn.Module):
    """Blocks over the tokens of each frame and learned tokens before them, which are removed at the end."""

    def __init__(self, registers, width, blocks):
        super().__init__()
        self.register_tokens = nn.Parameter(torch.zeros(registers, width))
        self.blocks = blocks

    def forward(self, x):
        frames = x.flatten(2, 3).flatten(0, 1)
        registers = self.register_tokens.expand(frames.shape[0], -1, -1)
        seen = self.blocks(torch.cat([registers, frames], dim=1))
        return seen[:, self.register_tokens.shape[0] :].reshape(x.shape)


class InTime(nn.Module):
    """Blocks over the tokens of each position in time, [batch, time, height, width, D]."""

    def __init__(self, blocks):
        super().__init__()
        self.blocks = blocks

    def forward(self, x):
        batch, time, height, width, _ = x.shape
        series = x.permute(0, 2, 3, 1, 4).flatten(0, 2)
        return self.blocks(series).reshape(batch, height, width, time, -1).permute(0, 3, 1, 2, 4)


class ChannelsFirst(nn.Module):
    """Moves the last axis to the channels' place: a video [batch, D, time, height, width]."""

    def forward(self, x):
        return x.movedim(-1, 1)
