"""The hyper-parameters of the default model."""

from dataclasses import dataclass

from scorp_train.models.option_checks import check_numbers, check_precision

MAY_BE_ZERO = ("warmup_steps", "head_start", "translation")


@dataclass(frozen=True)
class MultiresOptions:
    """Widths count numbers or channels, `*_rate` are Adam's learning rates, shares are of all steps.

    But `decay_share` is the part at the end of each of the first three stages in which its rate falls, and `calm_share`
    that of the adversarial one; `keep_share` is how much of its way the adversarial stage keeps when it goes back.
    """

    code: int = 40
    hidden: int = 224
    narrow: int = 128
    first: int = 16
    low: int = 32
    mid: int = 16
    high: int = 16
    skip: int = 8
    discriminator_width: int = 24
    discriminator_features: int = 128
    flow_width: int = 512
    codes_share: float = 20 / 46
    flow_share: float = 8 / 46
    front_share: float = 6 / 46
    quantise_share: float = 1.5 / 46
    codes_rate: float = 1e-3
    flow_rate: float = 1e-3
    front_rate: float = 3e-3
    generator_rate: float = 3e-4
    discriminator_rate: float = 5e-4
    warmup_steps: int = 200
    head_start: int = 200
    decay_share: float = 0.5
    calm_share: float = 0.5
    keep_share: float = 1.0
    final_rate_share: float = 0.02
    ema: float = 0.999
    code_weight: float = 1e-3
    picture_weight: float = 5.0
    likeness_weight: float = 1.0
    style_weight: float = 0.5
    class_weight: float = 5.0
    anchor_weight: float = 2.0
    penalty: float = 0.02
    penalty_every: int = 8
    translation: int = 2
    flow_steps: int = 4
    flow_repeats: int = 8
    latent_scale: float = 1.03
    """Noise of the finished generator over that of the training; above 1, truncation (Brock et al. 2019) reversed."""
    ink_cut: float = 0.0
    """Grey levels by which the finished generator's ink is lighter: the faintest specks are gone."""
    precision: str = "auto"
    """Of the arithmetic: float32, bfloat16, or auto, which takes bfloat16 where the CPU has matrix units for it."""

    def __post_init__(self) -> None:
        check_numbers(self, MAY_BE_ZERO)
        check_precision(self.precision)
        if self.codes_share + self.flow_share + self.front_share + self.quantise_share >= 1:
            raise ValueError(
                "the shares of codes, flow, front and quantise leave nothing for the adversarial stage"
            )
