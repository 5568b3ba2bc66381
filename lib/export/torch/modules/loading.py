"""Loading a model's weights without any package but PyTorch."""

import json
from pathlib import Path

import torch


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
