"""How many images each metric is measured on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleSizes:
    """Sizes of samples, in images unless stated otherwise."""

    count: int = 10_000  # to evaluate
    real_samples: int = 4  # number of real samples of the same size, for baselines
    neighbours: int = 5_000  # of each kind, for precision, recall, density and coverage
    pairs: int = 2_000  # for SSIM within a class and to the nearest real image
    corrupted: int = 1_000  # with each corruption and severity
    two_sample: int = 5_000  # of each kind, to tell real from generated
    two_sample_steps: int = 500
    copies: int = 2_000  # to look up among the training images
    use_all: int = 60_000  # to train the largest classifier on
    use_all_steps: int = 2_000
    use_steps: int = 300
    use_shots: tuple[int, ...] = (10, 100, 1_000)  # real images of each class
    knob_images: int = 200  # at each setting of each knob
    human_trials: int = 60  # shown to people


FULL = SampleSizes()

QUICK = SampleSizes(
    count=2_000,
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
