"""The card of a dataset: a README that people read, and hubs of datasets too."""

from pathlib import Path

from .atomic import whole_file
from .dataset_spec import DatasetSpec
from .generator import Generator
from .writers import FOLDER

FILE = "README.md"

_FILES = {
    FOLDER: "`<class>/<index>.png`, and a row for each in `metadata.csv`: file, class, seed, index and style",
    "idx": "`train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, as MNIST has them",
    "npz": "`train-*.npz`, each with `images`, `labels`, `styles`, `classes`, `knobs`, `seed` and `start`",
    "tar": "`train-*.tar`, WebDataset shards of `<index>.png` and `<index>.json`",
    "parquet": "`train-*.parquet` with `image`, `label`, `seed`, `index` and a column per knob",
}
# What `datasets.load_dataset(DIR)` reads, where it might take `provenance.json` for the data.
_LOADED = {"tar": "train-*.tar", "parquet": "train-*.parquet"}
_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)


def write(folder: Path, generator: Generator, spec: DatasetSpec) -> None:
    """Write the card; the same spec and model make the same bytes.

    Raises:
        OutputError: if it cannot be written.
    """
    with whole_file(folder / FILE) as stream:
        stream.write((_front_matter(spec) + _text(generator, spec)).encode())


def _front_matter(spec: DatasetSpec) -> str:
    size = next((name for limit, name in _SIZES if spec.count < limit), "n>10M")
    lines = [
        "pretty_name: Generated handwritten characters",
        "task_categories: [image-classification]",
        f"size_categories: ['{size}']",
        "tags: [synthetic, handwriting]",
    ]
    if spec.format in _LOADED:
        lines += ["configs:", "- config_name: default", "  data_files:"]
        lines += ["  - split: train", f"    path: '{_LOADED[spec.format]}'"]
    return "\n".join(["---", *lines, "---", ""])


def _text(generator: Generator, spec: DatasetSpec) -> str:
    info, (height, width) = generator.info, spec.image_shape(generator)
    model = f"{info.name} {info.version}"
    background = spec.presentation.get("background", 0)
    paper, ink = (255 - background, 0) if spec.invert else (background, 255)
    return f"""
# {spec.count:,} generated handwritten characters

Nobody wrote these pictures: the SCORP model {model} drew them{_hand(spec)}.
They are of {height} x {width} pixels{_scaled(spec)}; paper is {paper} and ink {ink}.
Their classes are {_classes(generator, spec)}.

- Files: {_FILES[spec.format]}.
- Made by `{spec.command()}`
- Verified by `scorp-gen verify DIR`, which draws them again; `provenance.json` says what they are made from.
- Licence: the authors of SCORP claim no rights in generated pictures. The model learned from
  {info.dataset.get("name", "unknown")} and is under {info.licence}.
"""


def _hand(spec: DatasetSpec) -> str:
    return "" if spec.writer is None else f" in the hand of writer {spec.writer}"


def _scaled(spec: DatasetSpec) -> str:
    return f", each drawn as {spec.scale} x {spec.scale}" if spec.scale else ""


def _classes(generator: Generator, spec: DatasetSpec) -> str:
    counts = f", {spec.per_class} pictures of each" if spec.per_class else ""
    weights = f", drawn with the weights {spec.class_weights}" if spec.class_weights else ""
    return f"`{spec.what}` of {', '.join(generator.classes)}{counts}{weights}"
