"""The public names: their examples, types, arguments and old names."""

import doctest
import inspect
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scorp_runtime
from scorp_runtime import Effects, Generator, MissingExtraError, RequestError, StyleError

INTERNAL = {"Engine", "ImageEffects", "Request", "Lengths"}  # what modules of the package pass to each other
ALIASES = {"LabelsLike", "StyleLike"}  # their example is in the docstring of their module
METHODS = [Generator.generate, Generator.iter_batches, Generator.dataset, Generator.sequence, Generator.lines]
PUBLIC = [name for name in scorp_runtime.__all__ if name not in ALIASES]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def run_examples(text: str, name: str) -> None:
    names = {name: getattr(scorp_runtime, name) for name in scorp_runtime.__all__}
    test = doctest.DocTestParser().get_doctest(inspect.cleandoc(text), names, name, None, None)
    assert test.examples, f"{name} has no example"
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("name", ["", "sampling.arguments", *PUBLIC])
def test_the_example_of_a_public_name_works(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name in PUBLIC:
        run_examples(getattr(scorp_runtime, name).__doc__, name)
    else:
        run_examples(import_module(f"scorp_runtime.{name}".rstrip(".")).__doc__ or "", name)


def test_public_methods_use_public_types() -> None:
    classes = [value for name in PUBLIC if inspect.isclass(value := getattr(scorp_runtime, name))]
    modules = [module for name, module in sys.modules.items() if name.startswith("scorp_runtime.")]
    own = {name for module in modules for name, value in vars(module).items() if inspect.isclass(value)}
    hidden = own - set(scorp_runtime.__all__) - INTERNAL
    for owner in classes:
        for name, member in inspect.getmembers(owner):
            call = member.fget if isinstance(member, property) else member
            if inspect.isroutine(call) and not name.startswith("_"):
                for annotation in getattr(call, "__annotations__", {}).values():
                    words = set(re.findall(r"scorp_runtime[.\w]*\.(\w+)|^(\w+)", str(annotation)))
                    assert not {word for pair in words for word in pair} & hidden, (owner, name)


def test_a_pair_is_a_range(generator: Generator) -> None:
    by_pair = generator.generate("0-9", 50, seed=1, slant=(-5.0, 5))
    assert np.array_equal(by_pair.styles, generator.generate("0-9", 50, seed=1, slant="-5..5").styles)
    two = generator.generate("0-9", 2, seed=1, slant=(-5.0, 5.0))
    assert np.array_equal(two.styles, by_pair.styles[:2])  # not one number per image
    assert generator.generate("0-9", 2, seed=1, slant=[-5.0, 5.0]).styles[:, 1].tolist() == [-5, 5]
    for bad in ((5, -5), (1, "2"), (None, 3), (-99, 0)):
        with pytest.raises(StyleError):
            generator.generate("7", 3, slant=bad)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("name", "hint"),
    [("thicknes", "thickness"), ("writter", "writer"), ("colour", "thickness, slant, width")],
)
def test_an_unknown_argument_gets_a_hint(generator: Generator, method: Any, name: str, hint: str) -> None:
    with pytest.raises(RequestError, match=f"unknown argument '{name}'; .*{hint}"):
        method(generator, ["7"] if method is Generator.lines else "7", **{name: 3})


def test_a_missing_knob_is_named(proto: Any, saved: Any) -> None:
    (knobs,) = (entry for entry in proto.metadata_props if entry.key == "knobs")
    knobs.value = knobs.value.replace('"slant"', '"tilt"')
    generator = Generator(saved(proto))
    assert generator.generate("7", seed=1, tilt=(1, 2), slant=None).styles.shape == (1, 3)
    with pytest.raises(StyleError, match="slant"):
        generator.generate("7", slant=3)


def test_old_names_warn_and_work(generator: Generator) -> None:
    assert issubclass(MissingExtraError, ImportError)
    with pytest.warns(DeprecationWarning, match="Effects"):
        assert scorp_runtime.Presentation is Effects
    with pytest.warns(DeprecationWarning, match="effects="):
        old = generator.dataset("0-9", 3, seed=1, presentation=Effects(size=20))  # type: ignore[arg-type]
    assert old.image_shape == (20, 16)
    assert "Presentation" not in scorp_runtime.__all__
