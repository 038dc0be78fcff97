"""The card of a dataset: a README that people read, and hubs of datasets too."""

import json
from pathlib import Path

from scorp_runtime.files.atomic import atomic_file
from scorp_runtime.formats import FOLDER, PAGES
from scorp_runtime.formats.schema import Features, as_yaml, page_table_features, picture_features
from scorp_runtime.inference.engine import Engine

from .image_spec import PictureSpec
from .page_spec import PageSpec
from .spec import DatasetSpec

FILE = "README.md"

_FILES = {
    FOLDER: "`<class>/<index>.png`, and a row for each in `metadata.csv`: file, class, seed, index and style",
    "idx": "`train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, as MNIST has them",
    "npz": "`train-*.npz`, each with `images`, `labels`, `styles`, `classes`, `knobs`, `seed` and `start`",
    "tar": "`train-*.tar`, WebDataset shards of `<index>.png` and `<index>.json`",
    "parquet": "`train-*.parquet` with `image`, `label`, `seed`, `index` and a column per knob",
}
_PAGE_FILES = {
    PAGES: "`<index>.png` and, for Tesseract, `<index>.box`; `metadata.csv` with a row per page; the boxes of all\n"
    "  characters in `boxes.csv` and, for detection tools, in `coco.json`",
    "tar": "`train-*.tar`, WebDataset shards of `<index>.png` and `<index>.json`, which has text and boxes",
    "parquet": "`train-*.parquet` with `image`, `text`, `seed`, `index`, `writer` and `objects`, the boxes",
}
# What `datasets.load_dataset(DIR)` reads; left to itself it may take `provenance.json` or `coco.json` for the data.
_LOADED = {
    FOLDER: ["*/*.png", "metadata.csv"],
    PAGES: ["*.png", "metadata.csv"],
    "tar": "train-*.tar",
    "parquet": "train-*.parquet",
}
_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)


def write(folder: Path, generator: Engine, spec: DatasetSpec) -> None:
    """Write the card; the same spec and model make the same bytes.

    Raises:
        OutputError: if it cannot be written.
    """
    if isinstance(spec, PageSpec):
        head = _front_matter(
            spec, "Generated handwritten texts", "image-to-text, object-detection", page_table_features()
        )
        body, files = _pages(generator, spec), _PAGE_FILES[spec.format]
    elif isinstance(spec, PictureSpec):
        columns = picture_features(generator.info, has_writer=spec.writer is not None)
        head = _front_matter(spec, "Generated handwritten characters", "image-classification", columns)
        body, files = _pictures(generator, spec), _FILES[spec.format]
    else:
        raise TypeError(f"{spec!r} is of no kind that has a card")
    with atomic_file(folder / FILE) as stream:
        stream.write((head + body + f"- Files: {files}.\n" + _origin(generator, spec)).encode())


def _front_matter(spec: DatasetSpec, name: str, tasks: str, table: Features) -> str:
    size = next((name for limit, name in _SIZES if spec.count < limit), "n>10M")
    lines = [
        f"pretty_name: {name}",
        f"task_categories: [{tasks}]",
        f"size_categories: ['{size}']",
        "tags: [synthetic, handwriting]",
    ]
    if spec.format in _LOADED:
        lines += ["configs:", "- config_name: default", "  data_files:"]
        lines += ["  - split: train", f"    path: {json.dumps(_LOADED[spec.format])}"]
    if spec.format in (FOLDER, PAGES):  # in whose table the text 007 would be taken for a number
        lines += ["  features:", *(f"  {line}" for line in as_yaml(table))]
    return "\n".join(["---", *lines, "---", ""])


def _pictures(generator: Engine, spec: PictureSpec) -> str:
    height, width = spec.image_shape(generator)
    hand = "" if spec.writer is None else f" in the hand of writer {spec.writer}"
    scaled = f", each drawn as {spec.scale} x {spec.scale}" if spec.scale else ""
    return f"""
# {spec.count:,} generated handwritten characters

Nobody wrote these pictures: the SCORP model {_model(generator)} drew them{hand}.
They are of {height} x {width} pixels{scaled}; {_greys(spec, spec.presentation.get("background", 0))}.
Their classes are {_classes(generator, spec)}.

"""


def _pages(generator: Engine, spec: PageSpec) -> str:
    text, _ = spec.meaning(generator.info)
    hand = "each in a hand of its own" if spec.writer is None else f"all in the hand of writer {spec.writer}"
    lines = "\n".join(f"    {line}" for line in text.split("\n"))
    return f"""
# {spec.count:,} generated handwritten pages

Nobody wrote these pages: the SCORP model {_model(generator)} drew them, {hand}. All say

{lines}

and are as large as that needs; {_greys(spec, 0)}. A box is in pixels from the upper left, and holds all ink of one
character and nothing beyond; spaces have none. `- . / , :` are strokes, drawn in the style of the hand.

"""


def _origin(generator: Engine, spec: DatasetSpec) -> str:
    info, file = generator.info, generator.model_file
    model = "" if file.bundled else f" --model {info.name}.onnx"
    return f"""- Made by `{spec.command()}`
- Verified by `scorp-gen verify DIR{model}`, which draws them again; `provenance.json` says what they are made from.
- Licence: the authors of SCORP claim no rights in generated pictures. The model learned from
  {info.dataset.get("name", "unknown")} and is under {info.licence}.
"""


def _model(generator: Engine) -> str:
    return f"{generator.info.name} {generator.info.version}"


def _greys(spec: DatasetSpec, background: int) -> str:
    paper, ink = (255 - background, 0) if spec.invert else (background, 255)
    return f"paper is {paper} and ink {ink}"


def _classes(generator: Engine, spec: PictureSpec) -> str:
    counts = f", {spec.per_class} pictures of each" if spec.per_class else ""
    weights = f", drawn with the weights {spec.class_weights}" if spec.class_weights else ""
    return f"`{spec.what}` of {', '.join(generator.classes)}{counts}{weights}"
