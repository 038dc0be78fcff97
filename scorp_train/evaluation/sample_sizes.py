"""How much of everything a report measures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Sizes of samples, in pictures unless said otherwise."""

    count: int  # to judge
    real_samples: int  # real samples of the same size, for baselines
    neighbours: int  # on each side of precision, recall, density and coverage
    pairs: int  # for likeness within a class and to the nearest real digit
    corrupted: int  # under each corruption and severity
    two_sample: int  # of each kind, to tell real from generated
    two_sample_steps: int
    copies: int  # to look up among the training digits
    use_all: int  # to train the largest classifier on
    use_all_steps: int
    use_steps: int
    use_shots: tuple[int, ...]  # real digits of each class
    knob_pictures: int  # at each setting of each knob
    blind: int  # shown to people


FULL = Plan(
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
    knob_pictures=200,
    blind=60,
)

QUICK = Plan(
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
    knob_pictures=50,
    blind=40,
)
