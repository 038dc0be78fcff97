"""The card of a model that learned from several collections names each with its terms, and counts variants apart."""

from dataclasses import replace

from scorp_runtime import Generator
from scorp_train.export.card import write_card


def test_sources_and_variants_are_told() -> None:
    info = Generator().info
    plain = write_card(info, 1000, None)
    assert "## Sources" not in plain
    more = {"variants": 65_310, "sources": {"SSE-letters": "MIT", "MNIST": "CC BY-SA 3.0"}}
    card = write_card(replace(info, dataset={**info.dataset, **more}), 1000, None)
    assert "| SSE-letters | MIT |" in card
    assert "65,310" in card
