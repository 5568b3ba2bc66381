"""
Writes the files of this folder with PyTorch 2.9.1 and numpy 2.4: what `torch.save` writes, for tests of the reader without PyTorch.

usage: make_files.py FOLDER
"""
import collections
import os
import sys

import numpy as np
import torch


class Custom:
    """A class that no reader may know."""


class Runs:
    """An object whose unpickling runs a command."""

    def __reduce__(self):
        return os.system, ("touch /tmp/was-run",)


def types():
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    numbers = torch.tensor([-2.5, 0.0, 1.5, 3.0])
    whole = torch.tensor([0, 1, 2, 100])
    return {
        "dtypes": {
            str(dtype).removeprefix("torch."): (numbers if dtype.is_floating_point else whole).to(dtype)
            for dtype in [
                torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
                torch.uint8, torch.bool, torch.uint16, torch.uint32, torch.uint64,
            ]
        },
        "negative": torch.tensor([-1, -128], dtype=torch.int8),
        "views": {
            "base": base,
            "transposed": base.transpose(0, 2),
            "column": base[:, :, 1],
            "from second": base[1:],
            "every second": base[:, ::2, 1:3],
            "expanded": torch.tensor([5.0, 6.0]).unsqueeze(1).expand(2, 3),
            "scalar": torch.tensor(7.0),
            "empty": torch.zeros(0, 3),
            "channels last": base.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
        },
        "parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        "size": torch.Size([2, 3]),
        "dtype": torch.float32,
        "device": torch.device("cpu"),
        "ordered": collections.OrderedDict(a=1, b=(2, 3)),
        "sets": [{1}, frozenset([2]), set()],
        "bytes": [b"\x00\xff", bytearray(b"ab")],
        "numbers": [0, 1, 255, 256, 65536, -1, -(2**31), 2**31, 2**40, -(2**40), 2**70, 1.5, float("inf"), True, False, None],
        "text": ["", "é", "a" * 300],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        "numpy": {
            "float64": np.array([[1.5, 2.5], [3.5, 4.5]]),
            "fortran": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
            "int64": np.arange(3),
            "bool": np.array([True, False]),
            "half": np.array([1.5], dtype=np.float16),
            "text": np.array(["ab", "c"]),
            "objects": np.array(["x", 3, None], dtype=object),
            "scalars": [np.float32(1.5), np.int64(-3), np.bool_(True), np.str_("t")],
            "dtype": np.dtype("float32"),
        },
        "shared": [base, base],
    }


def main(folder):
    os.chdir(folder)
    for protocol in (2, 3, 4, 5):
        torch.save(types(), f"types-{protocol}.pt", pickle_protocol=protocol)
    torch.save({"a": torch.zeros(2)}, "old.pt", _use_new_zipfile_serialization=False)
    torch.save({"q": torch.quantize_per_tensor(torch.tensor([1.0, 2.0]), 0.1, 0, torch.qint8)}, "quantised.pt")
    torch.save({"s": torch.eye(2).to_sparse()}, "sparse.pt")
    torch.save({"c": torch.tensor([1 + 2j])}, "complex.pt")
    torch.save({"x": Custom()}, "custom.pt")
    torch.save({"x": Runs()}, "runs.pt")
    cycle = [1]
    cycle.append(cycle)
    torch.save({"cycle": cycle}, "cycle.pt")


if __name__ == "__main__":
    main(sys.argv[1])
