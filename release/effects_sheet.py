"""Draw the picture of docs/how-to/effects.md: a row per effect, by severity from left to right.

python release/effects_sheet.py OUTPUT.png
"""

import sys

from PIL import Image

from scorp_runtime import Effects, Generator, Layout

TEXT, SIZE, SEED = "Smith 407", 36, 16
ROWS = {
    "fade": [({"fade": severity}, {}) for severity in (0, 1, 3, 5)],
    "bleed": [({"bleed": severity}, {}) for severity in (0, 1, 3, 5)],
    "blur": [({"blur": severity}, {}) for severity in (0, 1, 2, 3)],
    "noise": [({"noise": severity}, {}) for severity in (0, 1, 3, 5)],
    "breaks": [({"breaks": severity}, {}) for severity in (0, 1, 3, 5)],
    "paper": [({"paper": paper}, {}) for paper in ("#fff", "#f4ecd8", "ruled", "grid")],
    "rotation": [({}, {"rotation": degrees}) for degrees in (0, 3, 8, 15)],
    "curvature": [({}, {"curvature": bend}) for bend in (0, 5, 10, 20)],
}
COLUMNS, NAME, GAP = 4, 160, 6
INK = "#1a2a6c"


def main() -> None:
    """Write the picture."""
    generator = Generator("text")
    rows = {
        name: [
            Image.fromarray(
                generator.sequence(
                    TEXT,
                    seed=SEED,
                    writer=12,
                    layout=Layout(size=SIZE, **layout),
                    effects=Effects(**{"ink": INK, "paper": "#fff", **effects}),
                ).image
            )
            for effects, layout in cells
        ]
        for name, cells in ROWS.items()
    }
    wide = max(cell.width for cells in rows.values() for cell in cells) + GAP
    heights = [max(cell.height for cell in cells) + GAP for cells in rows.values()]
    sheet = Image.new("RGB", (NAME + COLUMNS * wide, sum(heights)), "white")
    for row, (name, cells) in enumerate(rows.items()):
        top = sum(heights[:row])
        title = generator.sequence(name, seed=SEED, writer=12, layout=Layout(size=26))
        sheet.paste(Image.fromarray(255 - title.image), (0, top + (heights[row] - len(title.image)) // 2))
        for column, cell in enumerate(cells):
            sheet.paste(cell, (NAME + column * wide, top + (heights[row] - cell.height) // 2))
    sheet.save(sys.argv[1])


if __name__ == "__main__":
    main()
