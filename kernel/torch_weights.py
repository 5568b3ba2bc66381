"""Writes the weights of a PyTorch (Lightning) checkpoint as one safetensors file: names and layout as they are, float32.

    python torch_weights.py model.ckpt weights.safetensors

It is for checkpoints with Python objects that gradbook's own reader refuses. Loading them runs code from the checkpoint, so `gradbook
import-torch` calls it only with --trust.
"""
import argparse
import json
import struct
import sys

import torch


def write(path, tensors, metadata):
    """https://huggingface.co/docs/safetensors: 8 bytes length, a JSON header, the bytes."""
    header, data, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        raw = tensor.detach().to(torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(raw)]}
        data.append(raw)
        offset += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    args = parser.parse_args()
    checkpoint = torch.load(args.checkpoint, map_location="cpu", weights_only=False)
    state = checkpoint.get("state_dict", checkpoint)
    tensors = {name: value for name, value in state.items() if torch.is_tensor(value)}
    if not tensors:
        sys.exit(f"{args.checkpoint} holds no weights: neither a state_dict nor tensors by name")
    metadata = {key: str(checkpoint.get(key, 0)) for key in ("epoch", "global_step")}
    write(args.out, tensors, metadata)


if __name__ == "__main__":
    main()
