"""What the finished generator does to its noise and to its ink."""

from dataclasses import replace

import torch

from scorp_runtime.sampling.knobs import Knob
from scorp_train.models.multires import MultiresGan
from scorp_train.models.multires_options import MultiresOptions
from scorp_train.models.task import Task

KNOB = Knob("slant", "degrees", -30.0, 30.0, 0.5)
TASK = Task(("0", "1"), (KNOB,), style_centre=(0.0,), style_spread=(10.0,), side=28, steps=46)
OPTIONS = MultiresOptions(latent_scale=1.0, flow_width=8)
LABELS, STYLES = torch.arange(8) % 2, torch.zeros(8, 1)


def pair(**changed: float) -> tuple[MultiresGan, MultiresGan]:
    """Two models of the same weights, the other one with changed options."""
    plain, other = MultiresGan(TASK, OPTIONS), MultiresGan(TASK, replace(OPTIONS, **changed))
    other.networks.load_state_dict(plain.networks.state_dict())
    return plain, other


def test_it_takes_noise_for_so_many_times_as_much() -> None:
    plain, wider = pair(latent_scale=1.5)
    noise = torch.randint(-32, 33, (8, plain.latent)) / 32
    drawn = wider.picture(0)(noise, LABELS, STYLES)
    assert torch.equal(drawn, plain.picture(0)(1.5 * noise, LABELS, STYLES))
    assert not torch.equal(drawn, plain.picture(0)(noise, LABELS, STYLES))


def test_its_ink_is_lighter_by_so_many_levels() -> None:
    plain, lighter = pair(ink_cut=8.0)
    noise = torch.randn(8, plain.latent)
    inked, cut = (model.picture(0)(noise, LABELS, STYLES).int() for model in (plain, lighter))
    grey = (inked > 0) & (inked < 255)  # black may have been blacker than black
    assert grey.any()
    assert ((inked - 8).clamp(0) - cut)[grey].abs().max() <= 1
    assert not cut[inked <= 7].any()
