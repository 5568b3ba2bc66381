"""Copies an NWB file from HDF5 to Zarr in the layout of hdmf-zarr. The arguments are the file and the folder for the store."""

import json
import os
import struct
import sys
import zlib

import h5py
import numpy as np

source, folder = sys.argv[1:]
CHUNK = 16


def put(path, name, content):
    os.makedirs(os.path.join(folder, path), exist_ok=True)
    with open(os.path.join(folder, path, name), "wb") as f:
        f.write(content if isinstance(content, bytes) else json.dumps(content).encode())


def attributes(item):
    found = {}
    for name, value in item.attrs.items():
        if isinstance(value, h5py.Reference):
            found[name] = {"zarr_dtype": "object", "value": {"source": ".", "path": item.file[value].name}}
        elif name not in (".specloc", "colnames"):
            found[name] = value.item() if isinstance(value, np.generic) else value
        else:
            found[name] = [str(each) for each in np.atleast_1d(value)]
    return found


def texts(values):
    """The codec vlen-utf8 of numcodecs."""
    return struct.pack("<I", len(values)) + b"".join(struct.pack("<I", len(value)) + value for value in values)


def array(path, item):
    values = np.atleast_1d(item[()])
    isText = values.dtype.kind == "O" and isinstance(values[0], bytes)
    if values.dtype.kind == "O" and not isText or values.dtype.names:  # references, which hdmf-zarr pickles
        return put(path, ".zarray", {"zarr_format": 2, "shape": values.shape, "chunks": values.shape, "order": "C", "fill_value": 0,
                                     "dtype": "|O", "compressor": None, "filters": [{"id": "pickle", "protocol": 5}]}) or \
            put(path, ".zattrs", {"zarr_dtype": "object"})
    chunks = [min(CHUNK, values.shape[0]), *values.shape[1:]]
    put(path, ".zattrs", {**attributes(item), "zarr_dtype": "str" if isText else str(values.dtype)})
    put(path, ".zarray", {"zarr_format": 2, "shape": values.shape, "chunks": chunks, "order": "C", "fill_value": 0,
                          "dtype": "|O" if isText else values.dtype.str, "compressor": {"id": "zlib", "level": 1},
                          "filters": [{"id": "vlen-utf8"}] if isText else None})
    for k in range(0, values.shape[0], CHUNK):
        part = values[k:k + CHUNK]
        padding = [(0, chunks[0] - len(part))] + [(0, 0)] * (values.ndim - 1)
        content = texts([*part] + [b""] * (chunks[0] - len(part))) if isText else np.pad(part, padding).tobytes()
        put(path, ".".join([str(k // CHUNK)] + ["0"] * (values.ndim - 1)), zlib.compress(content))


def group(path, item):
    put(path, ".zgroup", {"zarr_format": 2})
    links = []
    for name in item:
        link = item.get(name, getlink=True)
        inner = f"{path}/{name}".lstrip("/")
        if isinstance(link, h5py.SoftLink):
            links.append({"name": name, "source": ".", "path": link.path})
        elif isinstance(item[name], h5py.Group):
            group(inner, item[name])
        else:
            array(inner, item[name])
    put(path, ".zattrs", {**attributes(item), **({"zarr_link": links} if links else {})})


with h5py.File(source) as f:
    group("", f)
