"""Lines that turn, bend and are indented, on pages of a fixed size: boxes stay exact, and a PDF reader shows them."""

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest

from scorp_runtime import Generator, Layout, Page, RequestError

BENT = {"rotation": 8, "curvature": 6, "left_jitter": 9}


@pytest.mark.parametrize("seed", range(6))
def test_boxes_of_bent_lines_are_tight_and_contain_all_ink(seed: int) -> None:
    layout = Layout(size=20 + 9 * seed, **BENT)  # type: ignore[arg-type]
    page = Generator().sequence("20/11:4\n-7,35 6", seed=seed, layout=layout)
    left = page.image.copy()
    for box in (character.box for character in page.characters):
        ink = page.image[box.y : box.y + box.height, box.x : box.x + box.width]
        assert all(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
        left[box.y : box.y + box.height, box.x : box.x + box.width] = 0
    assert not left.any()


def test_bent_lines_keep_their_golden_checksum(generator: Generator) -> None:
    page = generator.sequence("20/1-1,\n 3.4:5", seed=7, index=3, layout=Layout(size=30, **BENT))  # type: ignore[arg-type]
    assert (
        hashlib.sha256(page.image.tobytes()).hexdigest()
        == "6ef8f14758211c9b70870218e2aa991bcb76d7534624642de1c515e19b953374"
    )


def slope(page: Page) -> tuple[float, float]:
    """Return the rise of the baseline in degrees, and the largest distance of a character from it in px."""
    places = [(c.box.x + c.box.width / 2, c.box.y + c.box.height / 2) for c in page.characters]
    fit = np.polyfit(*zip(*places, strict=True), 1)
    return math.degrees(math.atan(fit[0])), max(abs(np.polyval(fit, x) - y) for x, y in places)


def test_lines_turn_and_bend_within_their_limits() -> None:
    even = {"baseline_jitter": 0, "spacing_jitter": 0, "size": 56}
    turned, bent, straight = (
        [
            slope(Generator().sequence("1" * 20, seed=seed, writer=1, layout=Layout(**even, **changes)))
            for seed in range(8)
        ]
        for changes in ({"rotation": 10}, {"curvature": 40}, {})
    )
    assert max(abs(degrees) for degrees, _ in turned) <= 11
    assert max(degrees for degrees, _ in turned) - min(degrees for degrees, _ in turned) > 8
    assert max(off for _, off in turned) < max(off for _, off in straight) + 3
    assert 12 < max(off for _, off in bent) < 40


def test_left_edges_differ_on_a_sheet_of_paper() -> None:
    page = Generator().sequence("1\n1\n1", seed=1, layout=Layout(page_size="A6", dpi=100, left_jitter=40))
    assert page.image.shape == (583, 413)
    edges = [character.box.x - 413 // 12 for character in page.characters]
    assert len(set(edges)) == 3
    assert 0 <= min(edges) < max(edges) <= 40
    with pytest.raises(RequestError, match="the page has 60 x 40"):
        Generator().sequence("1234", layout=Layout(page_size="60x40"))


def test_a_pdf_has_the_pages_at_their_size(made: Any, tmp_path: Path) -> None:
    words = ["text", "4071", "-n", 2, "--seed", 1, "--page-size=300x200", "--dpi=150"]
    made(*words, "--ink=navy", "a.pdf", model=None)
    made(*words, "--invert", "grey.pdf", model=None)
    for name, darkest in (("a.pdf", (0, 0, 128)), ("grey.pdf", (0, 0, 0))):
        document = pypdfium2.PdfDocument(tmp_path / name)
        assert [page.get_size() for page in document] == [(144, 96)] * 2
        pixels = np.asarray(document[1].render(scale=150 / 72, rev_byteorder=True).to_pil().convert("RGB"))
        page = Generator().sequence("4071", seed=1, index=1, layout=Layout(page_size="300x200", dpi=150))
        cover = page.image[..., None] / 255
        assert np.abs(255 * (1 - cover) + cover * darkest - pixels).mean() < 3
