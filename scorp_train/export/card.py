"""The model card in Markdown: what a model is, where it comes from and how good it is."""

from scorp_runtime.model.metadata import ModelInfo
from scorp_train.templating import render

from .exactness import Proof

# Prefix of the scores of real images.
REAL = "real_"


def write_card(info: ModelInfo, size: int, proof: Proof | None) -> str:
    """Return the card's text. All figures come from the model's metadata, so that card and file agree."""
    scores = [
        (name, score, info.scores.get(REAL + name))
        for name, score in info.scores.items()
        if not name.startswith(REAL)
    ]
    return render("scorp_train.export", "card.md.j2", info=info, size=size, proof=proof, scores=scores)
