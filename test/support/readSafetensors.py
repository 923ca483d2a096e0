"""Reads a safetensors file by its format alone, with json, struct and torch, and prints what PyTorch makes of it: a line of JSON.

python3 readSafetensors.py FILE             name, dtype, shape and the float64 sum of every tensor, by PyTorch
python3 readSafetensors.py FILE INPUT       also the outputs of the layers `NAME.weight`, `NAME.bias` in order, ReLU between
                                            them, for the tensor `x` of the safetensors file INPUT
"""
import json
import struct
import sys

import torch

DTYPES = {
    "BOOL": torch.bool, "U8": torch.uint8, "I8": torch.int8, "I16": torch.int16, "I32": torch.int32, "I64": torch.int64,
    "F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64,
}


def load(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length].decode("utf-8"))
    metadata = header.pop("__metadata__", {})
    state, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, last = entry["data_offsets"]
        assert first == end, f"{name} begins at {first}, the one before it ends at {end}"
        end = last
        raw = bytearray(data[8 + length + first:8 + length + last])
        dtype = DTYPES[entry["dtype"]]
        flat = torch.frombuffer(raw, dtype=dtype) if raw else torch.empty(0, dtype=dtype)
        state[name] = flat.reshape(entry["shape"])
    assert 8 + length + end == len(data), "bytes follow the last tensor"
    return state, metadata


def outputs(state, x):
    names = [name[: -len(".weight")] for name in state if name.endswith(".weight")]
    layers = []
    for name in sorted(names):
        rows, columns = state[name + ".weight"].shape
        layer = torch.nn.Linear(columns, rows)
        layer.load_state_dict({"weight": state[name + ".weight"], "bias": state[name + ".bias"]})
        layers += [layer, torch.nn.ReLU()]
    with torch.no_grad():
        return torch.nn.Sequential(*layers[:-1])(x).tolist()


state, metadata = load(sys.argv[1])
told = {
    "metadata": metadata,
    "tensors": {name: [str(t.dtype), list(t.shape), float(t.double().sum())] for name, t in state.items()},
}
if len(sys.argv) > 2:
    told["outputs"] = outputs(state, load(sys.argv[2])[0]["x"])
print(json.dumps(told))
