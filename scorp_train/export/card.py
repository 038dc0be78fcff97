"""The model card in Markdown: what a model is, where it comes from and how good it is."""

from collections.abc import Iterator, Mapping

from scorp_runtime.model.metadata import ModelInfo

from .exactness import Proof

# Prefix of the scores of real images.
REAL = "real_"


def write_card(info: ModelInfo, size: int, proof: Proof | None) -> str:
    """Return the card's text. All figures come from the model's metadata, so that card and file agree."""
    return "\n".join((*_front_matter(info), *_lines(info, size, proof))) + "\n"


def _front_matter(info: ModelInfo) -> Iterator[str]:
    """Yield the metadata block that model hubs read."""
    yield "---"
    yield f"license: {info.licence.lower().replace(' ', '-') if info.licence.startswith('CC ') else 'other'}"
    yield "library_name: scorp-runtime"
    yield "pipeline_tag: unconditional-image-generation"
    yield "tags: [onnx, handwriting, digits, synthetic-data]"
    if info.dataset["name"] in ("mnist", "letters"):
        yield "datasets: [ylecun/mnist]"
    yield "model-index:"
    yield f"- name: {info.name} {info.version}"
    yield "  results:"
    yield "  - task: {type: unconditional-image-generation}"
    yield f"    dataset: {{name: {info.dataset['name']}, type: {info.dataset['name']}}}"
    yield "    metrics:"
    for name, score in info.scores.items():
        if not name.startswith(REAL):
            yield f"    - {{type: {name}, value: {score:g}}}"
    yield "---"
    yield ""


def _lines(info: ModelInfo, size: int, proof: Proof | None) -> Iterator[str]:
    yield f"# {info.name} {info.version}"
    yield ""
    yield f"A SCORP generator of handwriting with {len(info.classes)} classes: {', '.join(info.classes)}."
    yield ""
    yield f"Architecture: {info.architecture}."
    yield ""
    yield "```"
    yield "pip install scorp-runtime"
    yield f"scorp-gen all --count 100 --model {info.name}.onnx images.png"
    yield "```"
    yield ""
    yield "| fact | value |"
    yield "| --- | --- |"
    yield f"| file | {size:,} bytes, weights SHA-256 `{info.weights_sha256}` |"
    yield f"| cost | {info.macs:,} multiply-adds per image |"
    data = info.dataset
    variants = f" and {data['variants']:,} slightly deformed copies" if "variants" in data else ""
    yield f"| trained on | {data['name']}, {data['images']:,} images{variants}, licence {data['licence']} |"
    yield f"| licence of the model | {info.licence} |"
    yield f"| trained by | `{info.recipe['command']}` |"
    if "device" in info.recipe:
        training = info.recipe["options"]["training"]
        precision = info.recipe["options"]["model"].get("precision")
        device = [
            info.recipe["device"],
            f"threads: {training['threads']}",
            *([precision] if precision else []),
        ]
        yield f"| trained with | {', '.join(device)} |"
    versions = ", ".join(f"{name} {version}" for name, version in info.recipe["versions"].items())
    yield f"| versions | {versions} |"
    if proof is None:
        yield "| exact | no: on another machine a few pixels may differ by one grey level |"
    else:
        share = f"{100 * proof.share:.1f} %"
        yield f"| exact | yes: the same pixels on every machine; the largest sum is {share} of the limit of float32 |"
    yield ""
    if "sources" in data:
        yield from _sources(data["sources"])
    if info.knobs:
        yield "## Knobs"
        yield ""
        yield "| knob | unit | from | to | grid |"
        yield "| --- | --- | --- | --- | --- |"
        for knob in info.knobs:
            yield f"| {knob.name} | {knob.unit} | {knob.low:g} | {knob.high:g} | {knob.step:g} |"
        yield ""
        yield "A knob that you leave out follows the natural distribution of the class. A range covers all classes:"
        yield "a style that people do not use for a class, such as an 8 as narrow as a 1, gives bad images."
        yield ""
    if info.scores:
        yield from _scores(info.scores)
    yield "## Use"
    yield ""
    yield "Nobody wrote the generated images. They resemble the handwriting that the model was trained on and share"
    yield "its biases. Test on real data of your own before you rely on them. Do not use them to report accuracy on"
    yield "real handwriting. The authors of SCORP claim no rights in generated images."


def _sources(sources: Mapping[str, str]) -> Iterator[str]:
    yield "## Sources"
    yield ""
    yield "| collection | terms |"
    yield "| --- | --- |"
    for name, terms in sources.items():
        yield f"| {name} | {terms} |"
    yield ""


def _scores(scores: Mapping[str, float]) -> Iterator[str]:
    yield "## Scores, measured at export"
    yield ""
    yield "10,000 images with the labels and styles of training images, and the same for those training images"
    yield "(`real`). Both are compared with the test images. Errors are in the knobs' units."
    yield ""
    yield "| score | value | real |"
    yield "| --- | --- | --- |"
    for name, score in scores.items():
        if not name.startswith(REAL):
            real = f"{scores[REAL + name]:g}" if REAL + name in scores else "-"
            yield f"| {name.replace('_', ' ')} | {score:g} | {real} |"
    yield ""
