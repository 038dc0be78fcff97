"""The encoder of the default model, for training only: from a real picture to the code that would draw it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HIDDEN = 256
WIDTH = 32
# Codes start close to their means, so that the decoder listens to them from the first step.
FIRST_LOG_VARIANCE = -3.0
LOG_VARIANCES = (-8.0, 2.0)


class Encoder(nn.Module):
    """Pictures (N, 1, 28, 28) in 0 ... 1, label (N,), standardised style (N, S) -> mean, log-variance (N, C)."""

    def __init__(self, classes: int, knobs: int, code: int) -> None:
        super().__init__()
        self.classes = classes
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(1, WIDTH, 4, 2, 1),
                nn.Conv2d(WIDTH, 2 * WIDTH, 3, 2, 1),
                nn.Conv2d(2 * WIDTH, 2 * WIDTH, 3, 1, 1),
            ]
        )
        self.squeeze = nn.Linear(2 * WIDTH * 49, HIDDEN)
        self.code = nn.Linear(HIDDEN + classes + knobs, 2 * code)
        with torch.no_grad():
            self.code.bias[code:] = FIRST_LOG_VARIANCE

    def forward(self, image: Tensor, label: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        x = image
        for convolution in self.convolutions:
            x = F.leaky_relu(convolution(x), 0.1, inplace=True)
        x = F.leaky_relu(self.squeeze(x.flatten(1)), 0.1).float()
        one_hot = F.one_hot(label, self.classes).to(x)
        mean, log_variance = self.code(torch.cat([x, one_hot, style], 1)).float().chunk(2, 1)
        return mean, log_variance.clamp(*LOG_VARIANCES)
