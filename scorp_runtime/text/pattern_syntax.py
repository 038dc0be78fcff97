r"""The syntax of patterns, a subset of regular expressions.

In its grammar, a *character* is any but those of `_SPECIAL`, or one of those behind a backslash:

    pattern = sequence {"|" sequence}
    sequence = {item ["?" | "{n}" | "{m,n}"]}
    item = character | "\d" | "[" {character | character "-" character | "\d"} "]" | "(" ["?:"] pattern ")"
"""

import re
import string
from dataclasses import dataclass
from typing import NoReturn

from scorp_runtime.errors import RequestError, short_repr

LONGEST = 4096
"""Most characters of a pattern and of a class."""

_SPECIAL = r"\.^$*+?{}[]()|"
_COUNT = re.compile(r"\{([0-9]{1,4})(?:,([0-9]{1,4}))?\}")
_DEEPEST = 32  # groups in each other


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several nodes."""

    options: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Sequence:
    """All of several nodes."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A node, `low` to `high` times."""

    part: "Node"
    low: int
    high: int


Node = str | Choice | Sequence | Repeat
"""A part of a pattern; a str is itself."""


def parse(pattern: str) -> Node:
    """Return the tree of a pattern; raise `RequestError` if it is wrong."""
    return _Parser(pattern).read()


class _Parser:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._place = 0

    def read(self) -> Node:
        if len(self._pattern) > LONGEST:
            self._fail(f"it has more than {LONGEST} characters")
        node = self._alternatives(0)
        if self._place < len(self._pattern):
            self._fail("a ) without a (")
        return node

    def _alternatives(self, depth: int) -> Node:
        options = [self._sequence(depth)]
        while self._skip("|"):
            options.append(self._sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._counted(self._item(depth)))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _item(self, depth: int) -> Node:
        if self._skip("("):
            self._skip("?:")
            if depth == _DEEPEST:
                self._fail(f"more than {_DEEPEST} groups in each other")
            group = self._alternatives(depth + 1)
            if not self._skip(")"):
                self._fail("a ( without a )")
            return group
        characters = self._class() if self._skip("[") else self._character()
        return characters if len(characters) == 1 else Choice(tuple(characters))

    def _counted(self, part: Node) -> Node:
        if self._skip("?"):
            low, high = 0, 1
        elif count := _COUNT.match(self._pattern, self._place):
            self._place = count.end()
            low, high = int(count[1]), int(count[2] or count[1])
        else:
            low = high = 1
        if low > high:
            self._fail(f"the count {{{low},{high}}} is empty")
        if self._next() in ("*", "+", "?", "{"):
            self._fail("only one count per item, as ?, {n} or {m,n}; there is no * and no +")
        return part if low == high == 1 else Repeat(part, low, high)

    def _class(self) -> str:
        """Return the characters of a class."""
        found = ""
        while not self._skip("]"):
            first = self._character(special="\\[^")
            if self._next() == "-" and not self._pattern.startswith("-]", self._place):
                self._place += 1
                last = self._character(special="\\[^]")
                if len(first + last) != 2 or not 0 <= ord(last) - ord(first) < LONGEST:
                    self._fail(f"the range {first}-{last} is empty or too large")
                first = "".join(map(chr, range(ord(first), ord(last) + 1)))
            found += first
        return "".join(dict.fromkeys(found)) or self._fail("a class without characters")

    def _character(self, special: str = _SPECIAL) -> str:
        """Return a character, or all digits for the escape of d."""
        character = self._next() or self._fail("it ends too early")
        if character == "\\":
            self._place += 1
            character = self._next()
            if character == "d":
                character = string.digits
            elif character == "" or character not in string.punctuation:
                self._fail(f"unknown escape \\{character}; a backslash is for \\d and punctuation")
        elif character in special:
            self._fail(f"put a backslash before {character}, which is not supported here")
        self._place += 1
        return character

    def _next(self) -> str:
        """Return the next character, or "" at the end."""
        return self._pattern[self._place : self._place + 1]

    def _skip(self, text: str) -> bool:
        found = self._pattern.startswith(text, self._place)
        self._place += len(text) if found else 0
        return found

    def _fail(self, problem: str) -> NoReturn:
        raise RequestError(
            f"cannot read the pattern {short_repr(self._pattern)} at position {self._place}: {problem}"
        )
