"""What the finished generator does to its noise."""

from dataclasses import replace

import torch

from scorp_runtime.knobs import Knob
from scorp_train.models.multires import MultiresGan
from scorp_train.models.multires_options import MultiresOptions
from scorp_train.models.task import Task


def test_the_finished_generator_takes_noise_for_so_many_times_as_much() -> None:
    knob = Knob("slant", "degrees", -30.0, 30.0, 0.5)
    task = Task(("0", "1"), (knob,), style_centre=(0.0,), style_spread=(10.0,), side=28, steps=46)
    options = MultiresOptions(latent_scale=1.0, flow_width=8)
    plain = MultiresGan(task, options)
    wider = MultiresGan(task, replace(options, latent_scale=1.5))
    wider.networks.load_state_dict(plain.networks.state_dict())
    noise = torch.randint(-32, 33, (8, plain.latent)) / 32
    labels, styles = torch.arange(8) % 2, torch.zeros(8, 1)
    drawn = wider.picture(0)(noise, labels, styles)
    assert torch.equal(drawn, plain.picture(0)(1.5 * noise, labels, styles))
    assert not torch.equal(drawn, plain.picture(0)(noise, labels, styles))
