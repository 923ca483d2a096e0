"""Evaluates the PyTorch column of docs/from-pytorch.md and writes test/golden/fromPyTorch.json: the texts that the torchlet
column must give. python3 scripts/fromPyTorch.py, with torch 1.13."""

import json
import pathlib
import re

import numpy
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

ROOT = pathlib.Path(__file__).parent.parent


def names():
    """What the page's first program makes."""
    torch.manual_seed(0)
    x, a = torch.randn(2, 3), torch.rand(2, 3)
    w = torch.randn(4, 3, requires_grad=True)
    labels = torch.tensor([1, 3])
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 4))
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    return {**globals(), "x": x, "a": a, "w": w, "labels": labels, "net": net, "optimizer": optimizer}


def text(value):
    """As the test writes a value of the other column; None for what has no text of its own there."""
    if isinstance(value, torch.Tensor):
        return repr(value).replace(", dtype=torch.int32", "")  # the default dtype of integers there
    if type(value) in (torch.Size, list, tuple):
        return json.dumps(list(value), separators=(",", ":"))
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return value if isinstance(value, str) else None


def evaluate(code):
    """The text of a cell's last expression, its statements run first, from the seed that the test takes."""
    scope = names()
    torch.manual_seed(1)
    *statements, last = code.split("; ")
    try:
        for statement in statements:
            exec(statement, scope)
        return text(eval(last, scope))
    except (SyntaxError, NameError, AttributeError):
        return None  # a statement, or a package that is not here


def main():
    cells = {}
    for line in (ROOT / "docs/from-pytorch.md").read_text().split("\n"):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) >= 4 and parts[0] == "":
            for code in re.findall(r"`([^`]+)`", parts[1]):
                value = evaluate(code)
                if value is not None:
                    cells[code] = value
    golden = {"torch": torch.__version__.split("+")[0], "cells": cells}
    (ROOT / "test/golden/fromPyTorch.json").write_text(json.dumps(golden, indent=1) + "\n")
    print(len(cells), "cells")


main()
