"""Copies an NWB file from HDF5 to Zarr in the layout of hdmf-zarr. The arguments are the file, the folder for the store, and Zarr's format."""

import gzip
import json
import os
import pickle
import struct
import sys
import types
import zlib

import h5py
import numpy as np

source, folder, version = sys.argv[1:]
CHUNK = 16


class ZarrReference(dict):
    """The class of references, under the name by which hdmf-zarr pickles it."""


ZarrReference.__module__ = "hdmf_zarr.utils"
sys.modules["hdmf_zarr"] = types.ModuleType("hdmf_zarr")
sys.modules["hdmf_zarr.utils"] = types.ModuleType("hdmf_zarr.utils")
sys.modules["hdmf_zarr.utils"].ZarrReference = ZarrReference


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


def references(path, item):
    """A column of references, which hdmf-zarr pickles. Those of trials to time series are compounds, which are not read."""
    values = np.empty(item.shape, object)
    values[:] = [ZarrReference(source=".", path=item.file[value].name) if isinstance(value, h5py.Reference) else None for value in item[()]]
    dtype = "|O" if item.dtype.kind == "O" else [[name, "|O" if kind.kind == "O" else kind.str] for name, (kind, _) in item.dtype.fields.items()]
    put(path, ".zattrs", {**attributes(item), "zarr_dtype": "object"})
    put(path, ".zarray", {"zarr_format": 2, "shape": values.shape, "chunks": values.shape, "order": "C", "fill_value": 0, "dtype": dtype,
                          "compressor": {"id": "zlib", "level": 1}, "filters": [{"id": "pickle", "protocol": 5}]})
    put(path, "0", zlib.compress(pickle.dumps(values, 5)))


def array(path, item):
    values = np.atleast_1d(item[()])
    isText = values.dtype.kind == "O" and isinstance(values[0], bytes)
    fields = values.dtype.fields or {}
    if (values.dtype.kind == "O" and not isText) or any(kind.kind == "O" for kind, _ in fields.values()):
        return references(path, item)
    chunks = [min(CHUNK, values.shape[0]), *values.shape[1:]]
    dtype = [[name, kind.str] for name, (kind, _) in fields.items()] or values.dtype.str
    if version == "3":
        put(path, "zarr.json", {"zarr_format": 3, "node_type": "array", "shape": values.shape, "attributes": attributes(item),
                                "data_type": "string" if isText else values.dtype.name, "fill_value": "" if isText else 0,
                                "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunks}},
                                "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
                                "codecs": [{"name": "vlen-utf8"} if isText else {"name": "bytes", "configuration": {"endian": "little"}},
                                           {"name": "gzip", "configuration": {"level": 1}}]})
    else:
        put(path, ".zattrs", {**attributes(item), "zarr_dtype": "str" if isText else str(values.dtype)})
        put(path, ".zarray", {"zarr_format": 2, "shape": values.shape, "chunks": chunks, "order": "C", "fill_value": 0,
                              "dtype": "|O" if isText else dtype, "compressor": {"id": "zlib", "level": 1},
                              "filters": [{"id": "vlen-utf8"}] if isText else None})
    for k in range(0, values.shape[0], CHUNK):
        part = values[k:k + CHUNK]
        padding = [(0, chunks[0] - len(part))] + [(0, 0)] * (values.ndim - 1)
        content = texts([*part] + [b""] * (chunks[0] - len(part))) if isText else np.pad(part, padding).tobytes()
        key = [str(k // CHUNK)] + ["0"] * (values.ndim - 1)
        if version == "3":
            name = os.path.join("c", *key)
            os.makedirs(os.path.join(folder, path, os.path.dirname(name)), exist_ok=True)
            put(path, name, gzip.compress(content))
        else:
            put(path, ".".join(key), zlib.compress(content))


def group(path, item):
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
    about = {**attributes(item), **({"zarr_link": links} if links else {})}
    if version == "3":
        return put(path, "zarr.json", {"zarr_format": 3, "node_type": "group", "attributes": about})
    put(path, ".zgroup", {"zarr_format": 2})
    put(path, ".zattrs", about)


with h5py.File(source) as f:
    group("", f)
