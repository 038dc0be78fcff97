"""All exceptions of decoders become one error; others pass."""

import pytest

from scorp_runtime.errors import DatasetError, RequestError
from scorp_runtime.files.decoding import decoding

RAISED = [
    ArithmeticError("x"),
    KeyError("x"),
    MemoryError(),
    NotImplementedError("zip file version 8.4"),
    OSError(),
    PermissionError(13, "Permission denied", "set/table"),
    RecursionError("x"),
    RuntimeError("two\nlines"),
    StopIteration(),
    SyntaxError("not a PNG file"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
]


@pytest.mark.parametrize("raised", RAISED, ids=lambda raised: type(raised).__name__)
def test_any_exception_becomes_the_error_and_its_cause(raised: Exception) -> None:
    with pytest.raises(DatasetError, match="set") as caught, decoding(DatasetError, "set"):
        raise raised
    assert caught.value.__cause__ is raised
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("raised", [RequestError("x"), KeyboardInterrupt(), GeneratorExit()])
def test_errors_of_the_package_and_interrupts_pass(raised: BaseException) -> None:
    with pytest.raises(type(raised)) as caught, decoding(DatasetError, "set"):
        raise raised
    assert caught.value is raised
