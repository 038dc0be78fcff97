"""Golden files: the checksums of a model's pictures at chosen addresses.

The trainer writes `<name>.golden.json` beside the model, and every engine that runs the model, in whatever language,
must draw the same pixels. Seeds, indices and writers are decimal strings, as many JSON readers hold numbers as doubles.
For a model file that is there already, `python -m scorp_runtime.inference.golden exported/digits.onnx` writes it anew.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scorp_runtime.errors import ModelError
from scorp_runtime.files.atomic import whole_file
from scorp_runtime.files.decoding import decoding
from scorp_runtime.generator import Generator
from scorp_runtime.model.bundled import GOLDEN_SUFFIX
from scorp_runtime.sampling.philox import SPACE

FORMAT = 1
"""The version of the golden format that this package reads and writes."""

_PROGRAM = "python -m scorp_runtime.inference.golden"
_MIDDLE = 1 << 63
_SPAN = 64  # pictures; a multiple of any batch that an engine is likely to work in


def make_golden(generator: Generator) -> dict[str, Any]:
    """Draw the golden cases of a model.

    Returns:
        An object for JSON: format, model, model_sha256 and cases, as `docs/model-format.md` describes them.
    """
    return {
        "format": FORMAT,
        "model": generator.info.name,
        "model_sha256": generator.model_sha256,
        "cases": [{**case, "pixels_sha256": _pixels_sha256(generator, case)} for case in _cases(generator)],
    }


def golden_bytes(generator: Generator) -> bytes:
    """Return what the golden file of a model holds."""
    return json.dumps(make_golden(generator), indent=1).encode() + b"\n"


def check_golden(generator: Generator, golden: bytes) -> int:
    """Draw the golden cases again and compare.

    Args:
        generator: of the model.
        golden: the bytes of its golden file.

    Returns:
        The number of cases.

    Raises:
        ModelError: if the file is damaged or of another model, or the first case whose pixels differ.
    """
    with decoding(ModelError, "the golden file"):
        document = json.loads(golden)
        version, sha256, cases = document["format"], document["model_sha256"], list(document["cases"])
        expected = [case["pixels_sha256"] for case in cases]
    if version != FORMAT:
        raise ModelError(f"the golden file is of format {version!r}; this package reads {FORMAT}")
    if sha256 != generator.model_sha256:
        raise ModelError("the golden file belongs to another model file")
    for number, (case, pixels) in enumerate(zip(cases, expected, strict=True), 1):
        if _pixels_sha256(generator, case) != pixels:
            raise ModelError(f"golden case {number} of {len(cases)} has other pixels: {_describe(case)}")
    return len(cases)


def _cases(generator: Generator) -> list[dict[str, Any]]:
    """Return requests that reach every class, both ends of every knob, batch borders, far addresses and writers."""
    size = len(generator.classes)
    lows = {knob.name: knob.low for knob in generator.knobs}
    highs = {knob.name: knob.high for knob in generator.knobs}
    ranges = {knob.name: f"{knob.low:.17g}..{knob.high:.17g}" for knob in generator.knobs}
    cases = [
        _case(0, 0, 2 * size + 3, "all"),
        _case(1, 5, 2 * _SPAN + 1, None),
        _case(1, 5 + _SPAN, 1, None),
        _case(2, 0, size, list(range(size))[::-1]),
        _case(_MIDDLE + 1, _MIDDLE + 12345, size, "all"),
        _case(SPACE - 1, SPACE - size, size, None),
        _case(3, 1 << 53, size, "all", lows),
        _case(3, 1 << 53, size, "all", highs),
        _case(4, 1, 2 * size, "all", ranges),
    ]
    for name in lows:
        cases.append(_case(5, 10, size, "all", {name: lows[name]}))
        cases.append(_case(5, 10, size, "all", {name: highs[name]}))
        cases.append(_case(6, 20, size, "all", {name: ranges[name]}))
        cases.append(_case(7, 30, size, "all", {name: ranges[name]}, _MIDDLE))
    cases.append(_case(8, 0, 2 * size, "all", writer=0))
    cases.append(_case(SPACE - 1, SPACE - size, size, None, writer=SPACE - 1))
    return cases


def _case(
    seed: int,
    start: int,
    count: int,
    labels: str | list[int] | None,
    styles: Mapping[str, object] | None = None,
    writer: int | None = None,
) -> dict[str, Any]:
    return {
        "seed": str(seed),
        "start": str(start),
        "count": count,
        "labels": labels,
        "styles": dict(styles or {}),
        "writer": None if writer is None else str(writer),
    }


def _pixels_sha256(generator: Generator, case: Mapping[str, Any]) -> str:
    try:
        batch = generator.generate(
            case["labels"],
            case["count"],
            seed=int(case["seed"]),
            start=int(case["start"]),
            writer=None if case["writer"] is None else int(case["writer"]),
            **case["styles"],
        )
    except ModelError:
        raise
    except Exception as error:  # the file may hold any JSON
        raise ModelError(
            f"the golden file asks for what the model does not have: {_describe(case)}"
        ) from error
    return hashlib.sha256(batch.images.tobytes()).hexdigest()


def _describe(case: Mapping[str, Any]) -> str:
    known = (
        {key: value for key, value in case.items() if key != "pixels_sha256"}
        if isinstance(case, dict)
        else case
    )
    return json.dumps(known)[:200]


def main(words: Sequence[str] | None = None) -> int:
    """Run `python -m scorp_runtime.inference.golden`; returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 bad model."""
    from scorp_runtime.cli.process import run_command  # which those who check a golden file do not need

    return run_command(_PROGRAM, _run, sys.argv[1:] if words is None else words)


def _run(words: Sequence[str]) -> None:
    from scorp_runtime.cli.process import OneLineParser

    parser = OneLineParser(prog=_PROGRAM, description="Write the golden files of models.", allow_abbrev=False)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL", help="a model file")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    for path in parser.parse_args(words).models:
        content = golden_bytes(Generator(path))
        with whole_file(path.with_suffix(GOLDEN_SUFFIX)) as stream:
            stream.write(content)


if __name__ == "__main__":
    sys.exit(main())
