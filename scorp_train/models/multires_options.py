"""The hyper-parameters of the default model."""

from dataclasses import dataclass

from scorp_train.errors import UsageError

from .option_checks import check_numbers, check_precision, fraction, integer, number


@dataclass(frozen=True)
class MultiresOptions:
    """Widths count numbers or channels, `*_rate` are Adam's learning rates, shares are of all steps.

    But `decay_share` is the part at the end of each of the first three stages in which its rate falls, and `calm_share`
    that of the adversarial one; `keep_share` is how much of its way the adversarial stage keeps when it goes back.
    """

    code: int = integer(40)
    hidden: int = integer(224)
    narrow: int = integer(128)
    first: int = integer(16)
    low: int = integer(32)
    mid: int = integer(16)
    high: int = integer(16)
    skip: int = integer(8)
    discriminator_width: int = integer(24)
    discriminator_features: int = integer(128)
    flow_width: int = integer(512)
    codes_share: float = fraction(20 / 46)
    flow_share: float = fraction(8 / 46)
    front_share: float = fraction(6 / 46)
    quantise_share: float = fraction(1.5 / 46)
    codes_rate: float = number(1e-3)
    flow_rate: float = number(1e-3)
    front_rate: float = number(3e-3)
    generator_rate: float = number(3e-4)
    discriminator_rate: float = number(5e-4)
    warmup_steps: int = integer(200, 0)
    head_start: int = integer(200, 0)
    decay_share: float = fraction(0.5)
    calm_share: float = fraction(0.5)
    keep_share: float = fraction(1.0)
    final_rate_share: float = fraction(0.02)
    ema: float = fraction(0.999)
    code_weight: float = number(1e-3)
    picture_weight: float = number(5.0)
    likeness_weight: float = number(1.0)
    style_weight: float = number(0.5)
    class_weight: float = number(5.0)
    anchor_weight: float = number(2.0)
    penalty: float = number(0.02)
    penalty_every: int = integer(8)
    translation: int = integer(2, 0, 27)
    flow_steps: int = integer(4)
    flow_repeats: int = integer(8)
    latent_scale: float = number(1.03, 0, 10)
    """Noise of the finished generator over that of the training; above 1, truncation (Brock et al. 2019) reversed."""
    ink_cut: float = number(0.0, 0, 255)
    """Grey levels by which the finished generator's ink is lighter: the faintest specks are gone."""
    precision: str = "auto"
    """Of the arithmetic: float32, bfloat16, or auto, which takes bfloat16 where the CPU has matrix units for it."""

    def __post_init__(self) -> None:
        check_numbers(self)
        check_precision(self.precision)
        if self.codes_share + self.flow_share + self.front_share + self.quantise_share >= 1:
            raise UsageError(
                "the shares of codes, flow, front and quantise leave nothing for the adversarial stage"
            )
