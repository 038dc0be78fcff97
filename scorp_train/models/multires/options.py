"""The options of the default model."""

from dataclasses import dataclass

from scorp_train.models.option_checks import fraction, integer, number, precision


@dataclass(frozen=True)
class MultiresOptions:
    """Options of `multires`."""

    code: int = integer(40, text="numbers of a code")
    components: int = integer(30, 1, 1024, text="Gaussians per class in the mixture of codes")
    factors: int = integer(12, 1, 64, text="factors of each Gaussian's covariance, besides its diagonal")
    first: int = integer(16, text="channels of the map that a code is turned into, at 7 x 7")
    low: int = integer(32, text="channels at 7 x 7")
    mid: int = integer(16, text="channels at 14 x 14")
    discriminator_width: int = integer(24, text="discriminator's channels at 14 x 14, more at 7 and 4")
    codes_share: float = fraction(20 / 28, below=True, text="share of the steps in the codes stage")
    codes_rate: float = number(1e-3, text="learning rate of the codes stage")
    generator_rate: float = number(3e-4, text="learning rate of the generator in the adversarial stage")
    discriminator_rate: float = number(5e-4, text="learning rate of the discriminator")
    code_weight: float = number(1e-3, text="weight of the information in codes; more makes them simpler")
    picture_weight: float = number(5.0, text="weight of the squared error of redrawn images")
    style_weight: float = number(1.0, text="weight of the error of measured styles")
    naming_weight: float = number(0.3, text="weight of the discriminator's class for generated images")
    penalty: float = number(0.02, text="weight of the discriminator's gradient penalties")
    precision: str = precision()
