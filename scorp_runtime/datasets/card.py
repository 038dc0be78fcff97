"""The card of a dataset: a README for people, with front matter for the Hugging Face Hub."""

import json
import re
from pathlib import Path

from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.formats import load_format
from scorp_runtime.formats.schema import Features, as_yaml, image_features, page_table_features
from scorp_runtime.inference.engine import Engine
from scorp_runtime.text.punctuation import MARKS

from .image_spec import ImageSpec
from .page_spec import PageSpec
from .spec import DatasetSpec

FILE = "README.md"

_MARK = re.compile(r"[!-+./:-@[-`{-~]")
_SIZES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "n>10M")


def write(folder: Path, engine: Engine, spec: DatasetSpec) -> None:
    """Write the card; the same spec and model make the same bytes."""
    if isinstance(spec, ImageSpec):
        name, tasks = "Generated handwritten characters", "image-classification"
        features = image_features(engine.info, has_writer=spec.writer is not None)
        text, files = _image_text(engine, spec), load_format(spec.format).image_files
    elif isinstance(spec, PageSpec):
        name, tasks = "Generated handwritten texts", "image-to-text, object-detection"
        features = page_table_features()
        text, files = _page_text(engine, spec), load_format(spec.format).page_files
    else:
        raise TypeError(f"no card for {spec!r}")
    front_matter = _front_matter(spec, name, tasks, features)
    with atomic_file(folder / FILE) as stream:
        stream.write(f"{front_matter}{text}- Files: {files}.\n{_origin(engine, spec)}".encode())


def _front_matter(spec: DatasetSpec, name: str, tasks: str, features: Features) -> str:
    output = load_format(spec.format)
    size = _SIZES[min(max(len(str(spec.count)) - 3, 0), 5)]
    lines = [
        f"pretty_name: {name}",
        f"task_categories: [{tasks}]",
        f"size_categories: ['{size}']",
        "tags: [synthetic, handwriting]",
    ]
    if output.data_files:  # without them, `load_dataset` may load provenance.json or coco.json as data
        lines += ["configs:", "- config_name: default", "  data_files:"]
        lines += ["  - split: train", f"    path: {json.dumps(output.data_files)}"]
    if output.has_csv_table:  # without types, the text 007 would be read as a number
        lines += ["  features:", *(f"  {line}" for line in as_yaml(features))]
    return "\n".join(["---", *lines, "---", ""])


def _image_text(engine: Engine, spec: ImageSpec) -> str:
    height, width = spec.image_shape(engine)[:2]
    writer = "" if spec.writer is None else f", all by writer {spec.writer}"
    scale = f", each enlarged to {spec.scale} x {spec.scale}" if spec.scale else ""
    counts = f", {spec.per_class} images of each" if spec.per_class else ""
    weights = f", drawn with the weights {spec.class_weights}" if spec.class_weights else ""
    return f"""
# {spec.count:,} generated handwritten characters

No person wrote these images. The SCORP model {engine.info.name} {engine.info.version} drew them{writer}.
They have {height} x {width} pixels{scale}. {_grey_levels(spec)}
They show {_code(spec.what)}{counts}{weights}. The labels are positions in {plain(", ".join(engine.classes))}.

"""


def _page_text(engine: Engine, spec: PageSpec) -> str:
    writers = "each by a different writer" if spec.writer is None else f"all by writer {spec.writer}"
    marks = " ".join(sorted(MARKS - set(engine.classes)))
    drawn = f" {_code(marks)} are drawn as strokes, in the style of the writer." if marks else ""
    title, text = spec.text_title()
    lines = "\n".join(f"    {line}" for line in text.split("\n"))
    return f"""
# {spec.count:,} generated handwritten pages

No person wrote these pages. The SCORP model {engine.info.name} {engine.info.version} drew them, {writers}.
{title}:

{lines}

A page is as large as its text. {_grey_levels(spec)} Boxes are in pixels from the upper left corner. A box holds
all ink of one character and nothing else; spaces have no box.{drawn}

"""


def _origin(engine: Engine, spec: DatasetSpec) -> str:
    info, file = engine.info, engine.model_file
    model = "" if file.bundled else f" --model {info.name}.onnx"
    return f"""- Made by {_code(spec.command())}
- Verified by `scorp-gen verify DIR{model}`, which draws it again; `provenance.json` records how it was made.
- Licence: the authors of SCORP claim no rights in generated images. The model was trained on
  {info.dataset.get("name", "unknown")} and is under {info.licence}.
"""


def _code(text: str) -> str:
    """Return Markdown that shows a text as code."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def plain(text: str) -> str:
    """Return Markdown that shows a text with marks such as `*` and `<` as it is."""
    return _MARK.sub(r"\\\g<0>", text)


def _grey_levels(spec: DatasetSpec) -> str:
    effects = spec.effect_options()
    if {"ink", "paper"} & effects.keys():
        ink, paper = effects.get("ink", "black"), effects.get("paper", "white")
        return f"They have colours: the ink is {_code(str(ink))}, and the paper is {_code(str(paper))}."
    background = int(str(effects.get("background", 0)))
    paper, ink = (255 - background, 0) if spec.invert else (background, 255)
    return f"Paper is {paper} and ink is {ink}."
