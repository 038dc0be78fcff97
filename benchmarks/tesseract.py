"""Character error rate of Tesseract on generated lines: digits, capitals, and words with punctuation.

python benchmarks/tesseract.py [MODEL] [--lines 40]    # needs the program tesseract
"""

import argparse
import subprocess
from io import BytesIO
from random import Random
from string import digits

import numpy as np
from PIL import Image

from scorp_runtime import Generator, Layout

WORDS = """
about after again answer because before between bottle bridge brought carry change city close colour country
cover dark does earth enough every example family father figure final follow friend garden great ground group
happen heard horse house island kind large later learn light little machine might money morning mother
mountain never night number often order other paper people piece place plant point quick river school second
sentence short small sound spell still story table their thing thought three travel under until usual voice
water weight which white while world would write year young
"""
HEIGHT = 64  # px


def main() -> None:
    """Print the error rate of each kind of line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="text")
    parser.add_argument("--lines", type=int, default=40)
    options = parser.parse_args()
    generator, random = Generator(options.model), Random(1)
    print("| lines | character error rate |\n| --- | --- |")
    for kind, make in (("digits", number), ("capitals", capitals), ("words with punctuation", sentence)):
        texts = [make(random) for _ in range(options.lines)]
        wrong = sum(distance(text, read(draw(generator, text, place))) for place, text in enumerate(texts))
        print(f"| {kind} | {wrong / sum(map(len, texts)):.3f} |", flush=True)


def number(random: Random) -> str:
    """Return ten random digits."""
    return "".join(random.choices(digits, k=10))


def capitals(random: Random) -> str:
    """Return two words in capitals."""
    return " ".join(random.choices(WORDS.split(), k=2)).upper()


def sentence(random: Random) -> str:
    """Return words with an amount or a date."""
    first, second, third = random.choices(WORDS.split(), k=3)
    amount = f"{random.randrange(1, 10)},{random.randrange(1000):03}.{random.randrange(100):02}"
    date = f"{random.randrange(1990, 2030)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
    return random.choice(
        (
            f"{first.title()} {second}: ${amount}",
            f"{first.title()} {second}, {third}.",
            f"{first.title()} ({date}) {second}?",
            f"{first} & {second}; no. {random.randrange(100)}!",
        )
    )


def draw(generator: Generator, text: str, seed: int) -> Image.Image:
    """Return a line in dark ink on white paper, `HEIGHT` px high."""
    page = generator.sequence(text, seed=seed, layout=Layout(size=2 * HEIGHT)).image
    width = round(page.shape[1] * HEIGHT / len(page))
    line = Image.fromarray(255 - page).resize((width, HEIGHT), Image.Resampling.LANCZOS)
    return Image.fromarray(np.pad(np.asarray(line), 10, constant_values=255))


def read(image: Image.Image) -> str:
    """Return what Tesseract reads."""
    stream = BytesIO()
    image.save(stream, "png", dpi=(300, 300))
    command = ["tesseract", "stdin", "stdout", "--psm", "7"]
    return (
        subprocess.run(command, input=stream.getvalue(), capture_output=True, check=True)
        .stdout.decode()
        .strip()
    )


def distance(wanted: str, found: str) -> int:
    """Return the number of insertions, deletions and substitutions (Levenshtein 1966)."""
    row = list(range(len(found) + 1))
    for i, a in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(found, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


if __name__ == "__main__":
    main()
