"""The model card: what a released model is, where it comes from and how well it does, in Markdown."""

from collections.abc import Iterator, Mapping

from scorp_runtime.model.metadata import ModelInfo

from .exactness import Proof

# In front of the names of scores that real pictures reach.
REAL = "real_"


def write_card(info: ModelInfo, size: int, proof: Proof | None) -> str:
    """The card's text. All figures come from the metadata, so that card and file cannot disagree."""
    return "\n".join(_lines(info, size, proof)) + "\n"


def _lines(info: ModelInfo, size: int, proof: Proof | None) -> Iterator[str]:
    yield f"# {info.name} {info.version}"
    yield ""
    yield f"A SCORP generator of the classes {', '.join(info.classes)}: {info.architecture}."
    yield ""
    yield "| fact | value |"
    yield "| --- | --- |"
    yield f"| file | {size:,} bytes, weights SHA-256 `{info.weights_sha256}` |"
    yield f"| cost | {info.macs:,} multiply-adds per picture |"
    data = info.dataset
    variants = f" and {data['variants']:,} gentle variants of them" if "variants" in data else ""
    yield f"| trained on | {data['name']}, {data['images']:,} pictures{variants}, licence {data['licence']} |"
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
        yield "| exact | no: another machine may draw a few pixels one grey level lighter or darker |"
    else:
        yield (
            f"| exact | yes: no sum exceeds {100 * proof.share:.1f} % of the whole numbers that float32 holds, "
            "so every engine draws the same pixels |"
        )
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
        yield "Left open, they follow the natural distribution of the asked class, which the file carries. A range"
        yield "holds for all classes: a style that nobody gives a class, such as an eight as narrow as a one, is"
        yield "drawn badly."
        yield ""
    if info.scores:
        yield from _scores(info.scores)
    yield "## Use"
    yield ""
    yield "The pictures are made up; nobody wrote them. They resemble the hands of the people whose writing the"
    yield "model was trained on and share its biases; check on your own data before you rely on them."
    yield "What you generate is yours: the authors of SCORP claim no rights in generated pictures."


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
    yield "10,000 pictures with the labels and styles of training pictures, beside those pictures themselves; both"
    yield "against the test pictures, neighbours among 5,000 of each. Errors are in the knobs' units. `scorp-eval`"
    yield "measures more."
    yield ""
    yield "| score | value | real |"
    yield "| --- | --- | --- |"
    for name, score in scores.items():
        if not name.startswith(REAL):
            real = f"{scores[REAL + name]:g}" if REAL + name in scores else "-"
            yield f"| {name.replace('_', ' ')} | {score:g} | {real} |"
    yield ""
