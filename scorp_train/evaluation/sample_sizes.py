"""How many images each metric is measured on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleSizes:
    """Sizes of samples, in images unless stated otherwise."""

    count: int  # to evaluate
    real_samples: int  # number of real samples of the same size, for baselines
    neighbours: int  # of each kind, for precision, recall, density and coverage
    pairs: int  # for SSIM within a class and to the nearest real image
    corrupted: int  # with each corruption and severity
    two_sample: int  # of each kind, to tell real from generated
    two_sample_steps: int
    copies: int  # to look up among the training images
    use_all: int  # to train the largest classifier on
    use_all_steps: int
    use_steps: int
    use_shots: tuple[int, ...]  # real images of each class
    knob_images: int  # at each setting of each knob
    human_trials: int  # shown to people


FULL = SampleSizes(
    count=10_000,
    real_samples=4,
    neighbours=5_000,
    pairs=2_000,
    corrupted=1_000,
    two_sample=5_000,
    two_sample_steps=500,
    copies=2_000,
    use_all=60_000,
    use_all_steps=2_000,
    use_steps=300,
    use_shots=(10, 100, 1_000),
    knob_images=200,
    human_trials=60,
)

QUICK = SampleSizes(
    count=2_000,
    real_samples=4,
    neighbours=1_500,
    pairs=500,
    corrupted=100,
    two_sample=1_000,
    two_sample_steps=100,
    copies=300,
    use_all=2_000,
    use_all_steps=250,
    use_steps=80,
    use_shots=(100,),
    knob_images=50,
    human_trials=40,
)
