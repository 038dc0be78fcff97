"""Golden files: checksums of a model's pixels for chosen requests.

The trainer writes `<name>.golden.json` beside the model. Every engine that runs the model, in any language, must draw
the same pixels. Seeds, indices and writers are decimal strings, because many JSON readers hold numbers as doubles.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from scorp_runtime.errors import ModelError, RequestError
from scorp_runtime.files.decoding import decoding
from scorp_runtime.sampling.request import read_request

from .engine import Engine

FORMAT = 1
"""The version of the golden format that this package reads."""


def check_golden(engine: Engine, golden: bytes) -> int:
    """Draw the cases of a golden file and return their number; raise `ModelError` if anything differs."""
    with decoding(ModelError, "the golden file"):
        document = json.loads(golden)
        if document["format"] != FORMAT or document["model_sha256"] != engine.model_sha256:
            raise ModelError("the golden file belongs to another model file, or has an unknown format")
        cases = list(document["cases"])
        for number, case in enumerate(cases, 1):
            if pixels_sha256(engine, case) != case["pixels_sha256"]:
                raise ModelError(f"golden case {number} of {len(cases)} has other pixels: {_describe(case)}")
    return len(cases)


def pixels_sha256(engine: Engine, case: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of the pixels of a golden case; raise `ModelError` if it is damaged."""
    try:
        seed, start = int(case["seed"]), int(case["start"])
        writer = None if case["writer"] is None else int(case["writer"])
        samples = case["labels"], case["count"], seed, start, case["styles"]
        request = read_request(engine.classes, engine.knobs, *samples, writer=writer)
        images = engine.draw(request, 0, request.count).images
    except (RequestError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ModelError(f"the model cannot draw the golden case {_describe(case)}") from error
    return hashlib.sha256(images.tobytes()).hexdigest()


def _describe(case: Mapping[str, Any]) -> str:
    return json.dumps({key: value for key, value in case.items() if key != "pixels_sha256"})[:200]
