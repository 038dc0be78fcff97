"""Speed of the default model compared with the same network in torch, a dense generator and DCGANs, on one core.

Generators are timed in short alternating blocks. A figure is the median of the fastest block.
"""

import json
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from drawing import bare_session, feed
from torch import nn
from torch_graph import torch_module

from scorp_runtime import Generator
from scorp_runtime.cli.bench import latency

BATCHES = (1, 16, 64, 256)
BLOCK, ROUNDS = 0.25, 4
LATENT = 100


def dense() -> nn.Module:
    """Return the generator of a simple GAN with dense layers of 256, 512 and 1024."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((LATENT, 256), (256, 512), (512, 1024)):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (28, 28)))


def dcgan(width: int = 64) -> nn.Module:
    """Return the generator of Radford et al. 2015 as in torch's examples: 64 x 64 pixels, one channel."""
    channels = (LATENT, 8 * width, 4 * width, 2 * width, width)
    layers: list[nn.Module] = [nn.Unflatten(1, (LATENT, 1, 1))]
    for number, (inputs, outputs) in enumerate(pairwise(channels)):
        stride, padding = (1, 0) if number == 0 else (2, 1)
        layers += [
            nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, nn.ConvTranspose2d(width, 1, 4, 2, 1, bias=False), nn.Tanh())


def dcgan_28() -> nn.Module:
    """Return a DCGAN for 28 x 28 pixels, as in TensorFlow's tutorial."""
    return nn.Sequential(
        nn.Linear(LATENT, 7 * 7 * 256, bias=False),
        nn.BatchNorm1d(7 * 7 * 256),
        nn.LeakyReLU(0.3),
        nn.Unflatten(1, (256, 7, 7)),
        nn.ConvTranspose2d(256, 128, 5, 1, 2, bias=False),
        nn.BatchNorm2d(128),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(128, 64, 5, 2, 2, 1, bias=False),
        nn.BatchNorm2d(64),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(64, 1, 5, 2, 2, 1, bias=False),
        nn.Tanh(),
    )


def measure() -> dict[str, Any]:
    torch.set_num_threads(1)
    networks = {"dense": dense().eval(), "dcgan": dcgan().eval(), "dcgan_28": dcgan_28().eval()}
    with torch.inference_mode():
        times = {batch: measure_batch(batch, networks) for batch in BATCHES}
    eager = {batch: of["torch_eager"] / of["session"] for batch, of in times.items()}
    last = times[BATCHES[-1]]
    return {
        "us_per_digit": {
            str(batch): {name: 1e6 * time / batch for name, time in of.items()} for batch, of in times.items()
        },
        "torch_eager_over_session_at_1": eager[1],
        "torch_eager_over_session_least": min(eager.values()),
        "torch_eager_over_generate_least": min(of["torch_eager"] / of["generate"] for of in times.values()),
        "torch_compiled_over_session_least": min(
            of["torch_compiled"] / of["session"] for of in times.values()
        ),
        "dcgan_over_generate": last["dcgan"] / last["generate"],
        "dcgan_28_over_generate": last["dcgan_28"] / last["generate"],
        "dense_over_generate": last["dense"] / last["generate"],
    }


def measure_batch(batch: int, networks: dict[str, nn.Module]) -> dict[str, float]:
    """Return seconds per call at a batch size, by name."""
    generator = Generator(threads=1)
    session = bare_session(generator)
    inputs = feed(session, batch)
    tensors = [torch.from_numpy(array) for array in inputs.values()]
    eager = torch_module(generator.model_file.read())
    compiled = torch.compile(eager, dynamic=False)
    expected = torch.from_numpy(generator.generate("7", batch, seed=1).images)
    assert torch.equal(eager(*tensors), expected)
    assert torch.equal(compiled(*tensors), expected)
    latent = torch.randn(batch, LATENT)
    calls: dict[str, Callable[[], object]] = {
        "generate": partial(generator.generate, "7", batch, seed=1),
        "session": lambda: session.run(["image"], inputs),
        "torch_eager": lambda: eager(*tensors),
        "torch_compiled": lambda: compiled(*tensors),
        **{name: partial(network, latent) for name, network in networks.items()},
    }
    blocks = [{name: latency(call, BLOCK).p50 for name, call in calls.items()} for _ in range(ROUNDS)]
    return {name: min(block[name] for block in blocks) for name in calls}


if __name__ == "__main__":
    print(json.dumps(measure()))
