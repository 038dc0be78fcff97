"""Any metadata is read and can be written again, or is refused with one printable line."""

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorp_runtime import Generator, ModelError, ModelInfo
from scorp_runtime.sampling.style_prior import StylePrior

NUMBERS = (
    st.integers() | st.floats() | st.sampled_from([0, 1, -1, 0.5, 1e300, 1e308, 2**63, 5e-324, 2.0**-1000])
)
TEXTS = st.text(max_size=5) | st.sampled_from(
    ["\ud800", "\x9b2J", "\u202e", "con", "any", "all", "..", "a" * 300]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PLACES = ["classes", "knobs", "natural", "dataset", "recipe", "scores"]


def refused_or_read(metadata: dict[str, str]) -> ModelInfo | None:
    try:
        info = ModelInfo.from_metadata(metadata)
    except ModelError as error:
        assert str(error).isprintable(), repr(str(error))  # noqa: PT017
        assert len(str(error)) < 300  # noqa: PT017
        return None
    assert ModelInfo.from_metadata(info.to_metadata()) == info
    for text in (*info.classes, info.name, info.version, info.architecture, info.licence):
        assert text.isprintable()
    for name in info.classes:
        assert 0 < len(name.encode()) < 256
    StylePrior(info.knobs, [info.natural[name] for name in info.classes])
    return info


def put(document: Any, data: st.DataObject) -> Any:
    """Replace, add or remove something in a JSON document."""
    if isinstance(document, list | dict) and document and data.draw(st.integers(0, 5), "deeper"):
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        key = data.draw(st.sampled_from(keys), "key")
        if data.draw(st.integers(0, 9), "remove") == 0:
            del document[key]
        else:
            document[key] = put(document[key], data)
        return document
    return data.draw(JSON, "new")


@settings(deadline=None)
@given(st.data())
def test_any_change_of_the_documents(generator: Generator, data: st.DataObject) -> None:
    metadata = generator.info.to_metadata()
    for key in data.draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=2), "keys"):
        metadata[key] = json.dumps(put(json.loads(metadata[key]), data))
    refused_or_read(metadata)


@settings(deadline=None)
@given(st.data())
def test_any_text_in_any_field(generator: Generator, data: st.DataObject) -> None:
    metadata = generator.info.to_metadata()
    key = data.draw(st.sampled_from(sorted(metadata)), "key")
    metadata[key] = data.draw(st.text(max_size=40) | TEXTS | st.just("9" * 5000), "text")
    refused_or_read(metadata)


@settings(deadline=None)
@given(low=NUMBERS, high=NUMBERS, step=NUMBERS)
@example(low=0, high=1e300, step=5e-324)
def test_any_knob(generator: Generator, low: float, high: float, step: float) -> None:
    metadata = generator.info.to_metadata()
    knobs = json.loads(metadata["knobs"])
    knobs[0] |= {"low": low, "high": high, "step": step}
    info = refused_or_read(metadata | {"knobs": json.dumps(knobs)})
    if info is not None:
        assert info.knobs[0].low / info.knobs[0].step == int(info.knobs[0].low / info.knobs[0].step)


def test_too_many_small_values_are_refused(generator: Generator) -> None:
    metadata = generator.info.to_metadata()
    for key in PLACES:
        assert refused_or_read(metadata | {key: "[" + "[]," * (1 << 20) + "[]]"}) is None
