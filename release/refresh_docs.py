"""Refresh everything in README and docs that is computed: numbers, tables, images, help texts and shown output.

    python release/refresh_docs.py [PAGE ...]       # update all or some pages; exit code 1 if any of them changed
    python release/refresh_docs.py --record FILE    # run the command named in a file of research/measured/ again

Numbers stand between comments: `<!-- digits.label_accuracy .1% -->99.1 %<!-- end -->` is the value of that name in
that format. In a `console` block, lines that start with `$` are run in an empty folder, and the lines below them are
what they print; a line `...` stands for any lines. `python` blocks and commands in the text run in the same folder.
`<!-- no-run: reason -->` in front of a block skips it. `tests/docs` calls the functions of this file.
"""

import argparse
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ROOT / "research" / "measured"
IMAGE_FOLDER = ROOT / "docs" / "images"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NOTEBOOK = ROOT / "docs" / "notebooks" / "first_dataset.ipynb"
GENERATED = ("cli.md", "measurements.md")
IMAGES = {
    "digits.png": "scorp-gen 0-9 -n 100 --columns 20 --seed 1 --scale 2 --invert",
    "characters.png": "scorp-gen all --model text -n 93 --columns 31 --seed 1 --scale 2 --invert",
    "writers.png": "scorp-gen 0-9 -n 20 --columns 20 --writer 12 --seed 1 --scale 2 --invert",
    "effects.png": "scorp-gen 0-9 -n 20 --columns 20 --seed 1 --size 32 --shift 3 --blur 1 --background 40 "
    "--noise 2 --scale 2 --invert",
    "paper.png": "python release/effects_sheet.py",
    "text.png": 'scorp-gen text "Dear Ms. Smith, thank you for" "your order of 2026-11-21 (#407)." '
    "--writer 12 --seed 1 --size 40 --invert",
}
"""Images of docs/images/, and the commands that draw them."""
COMMANDS = [
    *(f"scorp-gen{name}" for name in ("", " text", " info", " check", " verify", " bench", " serve")),
    *("scorp-train", "scorp-export", "scorp-eval", "scorp-eval compare", "scorp-judge"),
    *("scorp-sheet", "scorp-sheet blank", "scorp-sheet cut"),
]
SMALL = (
    "--epochs=1 --batch=32 --threads=1 --code=16 --components=4 --factors=2 --first=8 --low=16 "
    "--discriminator-width=8 --codes-share=0.5"
)
"""Options that make a training of the default network one of seconds."""
_VALUE = re.compile(r"<!-- ([\w.]+) ([^ ]+) -->.*?<!-- end -->", re.DOTALL)
_BLOCK = re.compile(
    r"^(<!-- no-run: [^\n]* -->\n)?```(\w+)\n(.*?)^```$|(?<!`)`(scorp-[a-z]+ [^`\n]+)`",
    re.MULTILINE | re.DOTALL,
)
_NOT_INLINE = re.compile(
    r"\b(serve|bench|eval)\b|\b[A-Z]{3,}\b"
)  # does not end, takes long, or has a placeholder
_RANDOM = re.compile(r"\d{12,}")  # a seed that nobody chose


def main() -> int:
    """Refresh all, or record one measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=Path, metavar="FILE", help="a file of research/measured/")
    parser.add_argument(
        "pages", nargs="*", type=Path, metavar="PAGE", help="default: all, the images and the notebook"
    )
    options = parser.parse_args()
    if options.record:
        record(options.record)
    changed = [page for page in options.pages or PAGES if refresh(page.resolve())]
    if not options.pages:
        changed += [
            IMAGE_FOLDER / name for name, command in IMAGES.items() if redrawn(IMAGE_FOLDER / name, command)
        ]
        changed += [NOTEBOOK] if executed(NOTEBOOK) else []
    print(*(f"updated {path}" for path in changed), sep="\n")
    return int(bool(changed))


def refresh(page: Path) -> bool:
    """Update a page; return whether it changed."""
    before = page.read_text("utf-8") if page.exists() else ""
    after = refreshed(page, before)
    if page.name not in GENERATED:
        with tempfile.TemporaryDirectory() as folder:
            after = replay(after, Path(folder))
    page.write_text(after, "utf-8")
    return after != before


def redrawn(image: Path, command: str) -> bool:
    """Draw an image again; return whether its pixels changed."""
    from PIL import Image, ImageChops

    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder, "drawn.png")
        assert run([*shlex.split(command), str(drawn)], ROOT)[0] == 0, command
        with Image.open(drawn) as new:
            if image.exists():
                with Image.open(image) as old:
                    if new.size == old.size and not ImageChops.difference(new, old).getbbox():
                        return False
        shutil.copy(drawn, image)
    return True


def executed(notebook: Path) -> bool:
    """Run a notebook in an empty folder and store its output; return whether it changed."""
    import nbformat
    from nbclient import NotebookClient

    cells = nbformat.read(notebook, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(cells, timeout=300, resources={"metadata": {"path": folder}}).execute()
    for cell in cells.cells:
        cell.metadata.pop("execution", None)  # the times
    before, after = notebook.read_text("utf-8"), nbformat.writes(cells) + "\n"
    notebook.write_text(after, "utf-8")
    return after != before


def refreshed(path: Path, text: str) -> str:
    """Return the text of a page with its values and tables as they should be."""
    if path.name == "cli.md":
        return "\n".join(_help_page())
    if path.name == "measurements.md":
        return "\n".join(_measurements_page())
    return _VALUE.sub(
        lambda match: f"<!-- {match[1]} {match[2]} -->{_format(match[1], match[2])}<!-- end -->", text
    )


def _format(name: str, spec: str) -> str:
    value = values()[name]
    return f"{value:{spec}}".replace("%", " %") if spec != "s" else str(value)


@cache
def values() -> dict[str, Any]:
    """Return the numbers that pages may show, by name."""
    from scorp_runtime import Generator

    found: dict[str, Any] = {}
    for name in ("digits", "text"):
        info = Generator(name).info
        file = ROOT / "exported" / f"{name}.onnx"
        found |= {f"{name}.version": info.version, f"{name}.macs": info.macs}
        found[f"{name}.kB"] = math.ceil(file.stat().st_size / 1000)  # a cost, so rounded up
        for figure, value, real in _figures(name):
            found[f"{name}.{figure}"] = value
            if real is not None:
                found[f"{name}.real.{figure}"] = real
        for part in (name, f"{name}.real"):
            found[f"{part}.unreadable"] = 1 - found[f"{part}.label_accuracy"]
        ends = (found[f"{name}.{knob}_accuracy"] for knob in ("thickness", "slant", "width"))
        found[f"{name}.worst_end"] = 1 - min(ends)
    judge = (ROOT / "scorp_train/judge/models/mnist.md").read_text("utf-8")
    found["judge.accuracy"] = float(re.findall(r"test split \| ([\d.]+)%", judge)[0]) / 100
    speed = json.loads((MEASURED / "performance.json").read_text("utf-8"))
    drawing, ms = speed["figures"]["drawing"], speed["figures"]["starting"]["ms"]
    found |= {f"speed.{name}": speed["machine"][name] for name in ("date", "processor")}
    found["speed.digits_per_second"] = math.floor(drawing["digits_per_second"] / 1000) * 1000
    found["speed.numpy_per_second"] = math.floor(drawing["numpy_digits_per_second"] / 1000) * 1000
    found["speed.one_us"] = math.ceil(drawing["one_digit_us"]["generate"]["p50"])
    found["speed.command_ms"] = math.ceil(ms["scorp-gen 7 --count 64 out.png"])
    found["speed.wheel_kB"] = math.ceil(speed["figures"]["sizes"]["wheel_bytes"] / 1000)
    found["speed.share_of_limit"] = drawing["share_of_limit"]
    for threads in (1, 2):
        training = json.loads((MEASURED / f"training-{threads}.json").read_text("utf-8"))
        found[f"training.minutes_{threads}"] = math.ceil(training["minutes"])
        found["training.processor"] = training["processor"]
    for row in re.findall(r"^\| `(.*) \|$", (MEASURED / "datasets.md").read_text("utf-8"), re.MULTILINE):
        form, _, rate, _, _, size, hours, _ = row.replace("`", "").replace(",", "").split(" | ")
        found[f"datasets.{form}.per_second"] = int(rate) // 1000 * 1000
        found |= {f"datasets.{form}.bytes": int(size), f"datasets.{form}.core_hours": math.ceil(float(hours))}
    return found


def _figures(name: str) -> Iterator[tuple[str, float, float | None]]:
    """Yield the figures of a model's card: the name, the model's value and that of real images."""
    section = (ROOT / "exported" / f"{name}.md").read_text("utf-8").partition("## Measured by")[2]
    for row in re.finditer(r"^\| ([a-z_0-9]+) \| ([-\d.e]+)[^|]*\| ([-\d.e]+) ", section, re.MULTILINE):
        yield row[1], float(row[2]), None if row[3] == "-" else float(row[3])


def _help_page() -> Iterator[str]:
    yield from ("# Command line", "", "<!-- generated by release/refresh_docs.py -->", "")
    yield "This page is the output of `--help`. [Exit codes and guarantees](guarantees.md) apply to every command."
    for command in COMMANDS:
        code, printed = run([*shlex.split(command), "--help"], ROOT)
        assert code == 0, command
        yield from (
            "",
            f"## {command}",
            "",
            "```text",
            printed.decode().rstrip().replace("\r\n", "\n"),
            "```",
        )
    yield ""


def _measurements_page() -> Iterator[str]:
    yield from (
        "# Measurements",
        "",
        "<!-- generated by release/refresh_docs.py from research/measured/ -->",
        "",
    )
    yield "Every table names the command that made it, the date and the processor. Model cards hold the figures of"
    yield "the released models: [digits](https://github.com/scorp-project/scorp/blob/main/exported/digits.md),"
    yield "[text](https://github.com/scorp-project/scorp/blob/main/exported/text.md)."
    speed = json.loads((MEASURED / "performance.json").read_text("utf-8"))
    machine, figures = speed["machine"], speed["figures"]
    head = f"`python benchmarks/run.py` on {machine['date']}, one of {machine['cores']} cores of {machine['processor']}"
    sys.path.append(str(ROOT / "benchmarks"))  # last: `datasets` there is not the package
    from report import flat, promise_table, table  # type: ignore[import-not-found]

    yield from ("", "## Speed and memory", "", head, "", *promise_table(figures))
    for part in ("drawing", "starting", "memory", "sizes", "peers"):
        yield from ("", f"### {part.capitalize()}", "", *table(("figure", "value"), flat(figures[part])))
    yield from ("", "## Training", "", "`python benchmarks/training.py`, with one thread and with two")
    for path in sorted(MEASURED.glob("training-*.json")):
        training = json.loads(path.read_text("utf-8"))
        yield from ("", f"On {training.pop('date')}, {training.pop('processor')}:", "")
        yield from table(("figure", "value"), flat(training))
    for path in sorted(MEASURED.glob("*.md")):
        yield from ("", f"## {path.stem.split('-')[0].capitalize()}", "", path.read_text("utf-8").rstrip())
    yield ""


def record(path: Path) -> None:
    """Run the command that the first line of a record names, and keep the tables that it prints."""
    from scorp_runtime.cli.bench import describe_machine

    (command,) = re.findall(r"^`([^`]+)` on ", path.read_text("utf-8"))
    words, machine = shlex.split(command), describe_machine()
    program = [sys.executable, *words[1:]] if words[0] == "python" else words
    folder = ROOT / "web" if words[0] == "npm" else ROOT
    printed = subprocess.run(program, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
    tables = re.findall(r"(?:^\|.*\n)+", printed, re.MULTILINE)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    head = f"`{command}` on {day}, {machine['usable_cores']} cores of {machine['processor']}\n\n"
    path.write_text(head + "\n".join(tables), "utf-8")


def replay(text: str, folder: Path) -> str:
    """Run the blocks of a page in order in a folder; return the text with the output as it is now.

    Raises:
        AssertionError: if a command fails that does not show an error, or the exception of a Python block.
    """
    names: dict[str, Any] = {}

    def again(match: re.Match[str]) -> str:
        if match[4] and match[4].count(" ") > 1 and not _NOT_INLINE.search(match[4]):
            _typed(f"{match[4]} --dry-run" if match[4].startswith("scorp-train") else match[4], "", folder)
        if match[1] or match[2] not in ("console", "python"):
            return match[0]
        if match[2] == "python":
            here = Path.cwd()
            os.chdir(folder)
            try:
                exec(compile(match[3], "<python block>", "exec"), names)
            finally:
                os.chdir(here)
            return match[0]
        shown = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", match[3], re.MULTILINE)
        return "```console\n" + "".join(_typed(command, output, folder) for command, output in shown) + "```"

    return _BLOCK.sub(again, text)


def _typed(command: str, output: str, folder: Path) -> str:
    """Run a command as a reader would type it; return it with its output."""
    words = shlex.split(command, comments=True)
    ours = words[0].startswith("scorp-")
    if not ours and not shutil.which(words[0]):
        return f"$ {command}\n{output}"
    code, printed = run(_adapted(words, folder), folder)
    now = printed.decode("utf-8").replace("\r\n", "\n")
    assert code == 0 or (ours and f"{words[0]}: " in output), f"{command}: {now}"
    return f"$ {command}\n{output if words[0] in _TRAINER or matches(output, now) else now}"


_TRAINER = ("scorp-train", "scorp-export", "scorp-eval", "scorp-sheet")


def matches(shown: str, printed: str) -> bool:
    """Return whether output is what is shown, up to random seeds and the lines that `...` stands for."""
    parts = [re.escape(_RANDOM.sub("N", part)) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*".join(parts), _RANDOM.sub("N", printed)) is not None


def run(words: list[str], folder: Path) -> tuple[int, bytes]:
    """Run a command of this environment; return its exit code, and stdout with stderr."""
    scripts = sysconfig.get_path("scripts")
    program = sys.executable if words[0] == "python" else shutil.which(words[0], path=scripts) or words[0]
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "COLUMNS": "80", "NO_COLOR": "1"}
    done = subprocess.run(
        [program, *words[1:]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


def _adapted(words: list[str], folder: Path) -> list[str]:
    """Return a command that does in seconds, on small data, what the shown one does."""
    words = [_existing(word, folder) for word in words]
    if words[0] == "scorp-gen":
        return [
            "600" if before in ("-n", "--count") and int(word) > 60_000 else word
            for before, word in zip(["", *words], words, strict=False)
        ]
    name, data = words[0], words[words.index("--data") + 1] if "--data" in words else ""
    known = [] if data and (folder / data).is_dir() else ["--data", str(_small_data(folder))]
    if name == "scorp-train" and "--dry-run" not in words:
        if (folder / "runs").exists() or "--network" in words or "--preset" in words:
            return [*words, "--dry-run"]
        return [*words, *known, *shlex.split(SMALL), "--variants", "20"]
    if name == "scorp-eval" and "--human" not in words:
        return [
            *words,
            *known,
            "--judge",
            "mnist",
            "--count",
            "150",
            *([] if "compare" in words else ["--quick"]),
        ]
    if name == "scorp-sheet" and "cut" in words:
        write_on(folder / "sheet.png", [folder / word for word in words if word.startswith("scan")])
    return words


def _existing(word: str, folder: Path) -> str:
    """Return the run folder of the same number for one that is named as on the page."""
    match = re.fullmatch(r"(runs/\d{5}-)[\w-]+(.*)", word)
    return (
        next((path.relative_to(folder).as_posix() + match[2] for path in folder.glob(match[1] + "*")), word)
        if match
        else word
    )


def _small_data(folder: Path) -> Path:
    """Return a folder of IDX files with few drawn digits, made when first needed."""
    data = folder / "small"
    if not data.exists():
        run(["scorp-gen", "0-9", "-n", "300", "--seed", "12", "--format", "idx", "test/"], folder)
        run(["scorp-gen", "0-9", "-n", "400", "--seed", "11", "--format", "idx", "small/"], folder)
        for path in (folder / "test").glob("train-*"):
            path.rename(data / path.name.replace("train-", "t10k-"))
        shutil.rmtree(folder / "test")
    return data


def write_on(sheet: Path, scans: list[Path]) -> None:
    """Write a digit into each box of a blank sheet, by another hand for each scan."""
    import numpy as np
    from PIL import Image

    from scorp_runtime import Generator

    for seed, scan in enumerate(scans):
        page = np.asarray(Image.open(sheet)).copy()
        digits = Generator().generate([row for row in range(10) for _ in range(12)], seed=seed).images
        for place, digit in enumerate(digits):
            y, x = (130 + 90 * number + 17 for number in divmod(place, 12))  # as the sheet is laid out
            box = page[y : y + 56, x : x + 56]
            np.minimum(box, 255 - np.kron(digit, np.ones((2, 2), np.uint8)), out=box)
        Image.fromarray(page).rotate(seed, Image.Resampling.BICUBIC, fillcolor=255).save(scan)


if __name__ == "__main__":
    sys.exit(main())
