"""Trains a classifier on two moons, in plain Python, and writes what happens as JSON Lines for `varve log`.

A job whose cell is one of the unlucky kills itself halfway, as long as the file `unlucky` is there: one half only itself, the
other half its whole process group, `varve log` included.
"""
import json
import math
import os
import random
import signal
import sys

split, augmentation, features, seed = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
cell = int(os.environ["VARVE_CELL"])
EPOCHS = 12


def moons(count, noise, source):
    points = []
    for index in range(count):
        angle = source.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        label = index % 2
        if label:
            x, y = 1 - x, 0.5 - y
        points.append((x + source.gauss(0, noise), y + source.gauss(0, noise), label))
    return points


AUGMENTATIONS = {
    "none": lambda x, y, r: (x, y),
    "jitter": lambda x, y, r: (x + r.gauss(0, 0.1), y + r.gauss(0, 0.1)),
    "rotate": lambda x, y, r: (x * math.cos(a := r.gauss(0, 0.2)) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)),
    "scale": lambda x, y, r: (x * (s := r.uniform(0.8, 1.2)), y * s),
    "shift": lambda x, y, r: (x + (s := r.gauss(0, 0.1)), y + s),
    "flip": lambda x, y, r: (1 - x, y) if r.random() < 0.1 else (x, y),
    "drop": lambda x, y, r: (x, y) if r.random() < 0.9 else (0.5, 0.25),
}
augment = AUGMENTATIONS[augmentation]

data = random.Random(split)
training, validation = moons(60, 0.25, data), moons(40, 0.25, data)
tests = {"test-same": moons(100, 0.25, data), "test-noisy": moons(100, 0.4, data)}
source = random.Random(seed)
waves = [(source.gauss(0, 2), source.gauss(0, 2), source.uniform(0, 2 * math.pi)) for _ in range(features)]
weights = [0.0] * features


def probability(x, y):
    sum_ = sum(w * math.cos(a * x + b * y + c) for w, (a, b, c) in zip(weights, waves))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, sum_))))


def accuracy(points):
    return sum((probability(x, y) > 0.5) == bool(label) for x, y, label in points) / len(points)


def log(metric, value, step, subset):
    print(json.dumps({"metric": metric, "value": value, "step": step, "context": {"subset": subset}}), flush=True)


print(f"split {split}, {augmentation}, {features} features, seed {seed}", file=sys.stderr)
for epoch in range(EPOCHS):
    if epoch == EPOCHS // 2 and os.path.exists("unlucky") and cell * 7919 % 315 < 30:
        os.killpg(0, signal.SIGKILL) if cell % 2 else os.kill(os.getpid(), signal.SIGKILL)
    loss = 0.0
    source.shuffle(training)
    for x, y, label in training:
        x, y = augment(x, y, source)
        p = probability(x, y)
        loss -= math.log(p if label else 1 - p) / len(training)
        for index, (a, b, c) in enumerate(waves):
            weights[index] += 0.2 * (label - p) * math.cos(a * x + b * y + c)
    log("loss", loss, epoch, "train")
    log("acc", accuracy(validation), epoch, "val")
for subset, points in tests.items():
    log("acc", accuracy(points), EPOCHS, subset)
