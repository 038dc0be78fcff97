"""Fixtures of the fuzz tests: the bundled model, and damage to bytes. `run.py` runs them for longer."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from scorp_runtime import Generator

Damage = Callable[[st.DataObject, bytes], bytes]


@pytest.fixture(scope="session")
def generator() -> Generator:
    return Generator()


@pytest.fixture(scope="session")
def model_bytes(generator: Generator) -> bytes:
    return generator.model_file.read()


@pytest.fixture(scope="session")
def damage() -> Damage:
    """Replaces, removes and inserts a few bytes, or cuts off the end."""

    def damaged(data: st.DataObject, original: bytes) -> bytes:
        changed = bytearray(original)
        for _ in range(data.draw(st.integers(1, 6), "edits")):
            place = data.draw(st.integers(0, len(changed)), "place")
            length = data.draw(st.integers(0, 8), "length")
            changed[place : place + length] = data.draw(st.binary(max_size=9), "bytes")
        if data.draw(st.integers(0, 9), "cut") == 0:
            del changed[data.draw(st.integers(0, len(changed)), "end") :]
        return bytes(changed)

    return damaged
