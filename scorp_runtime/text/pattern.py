r"""Patterns: texts described by a subset of regular expressions, with one text for each seed and index.

The grammar, in which a *character* is any but those of `_SPECIAL`, or one of those behind a backslash:

    pattern = sequence {"|" sequence}
    sequence = {item ["?" | "{n}" | "{m,n}"]}
    item = character | "\d" | "[" {character | character "-" character | "\d"} "]" | "(" ["?:"] pattern ")"

Each choice among `n` > 1 alternatives, characters of a class or counts uses one random word, from left to right.
`docs/reference/model-format.md`, section 7, is the specification.
"""

import re
import string
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn

from scorp_runtime.errors import AddressError, LabelError, RequestError, short_repr
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Purpose

from .page import LONGEST, check_characters, read_index

_SPECIAL = r"\.^$*+?{}[]()|"
_COUNT = re.compile(r"\{([0-9]{1,4})(?:,([0-9]{1,4}))?\}")
_DEEPEST = 32  # groups in each other
_BLOCKS_AT_ONCE = 8
_MOST_STEPS = 4 * LONGEST  # as many as a page has random words


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of several nodes."""

    options: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Sequence:
    """All of several nodes."""

    parts: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A node, `low` to `high` times."""

    part: "_Node"
    low: int
    high: int


_Node = str | _Choice | _Sequence | _Repeat  # a str is itself


class Pattern:
    r"""Texts that match a small regular expression, drawn from a seed and an index.

    It has characters, classes (`[A-Z0-9]`, `\d`), groups, alternatives (`a|b`) and counts (`?`, `{4}`, `{2,5}`). Put a
    backslash before `\ . ^ $ * + ? { } [ ] ( ) |` to write them. `*`, `+`, `.` and negated classes are errors.
    Alternatives, the characters of a class and counts are equally frequent.

    Attributes:
        pattern: the regular expression.
        characters: the characters that its texts may have.

    Example:
        >>> price = Pattern(r"CHF [1-9]\d{0,2}\.\d0")
        >>> [price.draw(seed=1, index=index) for index in range(3)]
        ['CHF 4.30', 'CHF 576.60', 'CHF 715.70']
    """

    def __init__(self, pattern: str) -> None:
        if not isinstance(pattern, str):
            raise RequestError(f"a pattern must be a str, not {type(pattern).__name__}")
        self.pattern = pattern
        self._root = _Parser(pattern).read()
        self.characters = _characters(self._root)
        longest, steps = _longest(self._root), _steps(self._root)
        if longest > LONGEST:
            raise RequestError(f"{self._name} can have {longest} characters, more than {LONGEST}")
        if steps > _MOST_STEPS:
            raise RequestError(f"{self._name} needs {steps} steps, more than {_MOST_STEPS}")

    def __repr__(self) -> str:
        return f"Pattern({self.pattern!r})"

    @property
    def _name(self) -> str:
        return f"the pattern {short_repr(self.pattern)}"

    def draw(self, seed: int, index: int = 0) -> str:
        """Return the text with an index, 0 to 2^52 - 1."""
        words = _words(philox.read_whole("seed", seed, 0, philox.SPACE - 1, AddressError), read_index(index))
        return _drawn(self._root, lambda number: ((next(words) >> 32) * number >> 32) if number > 1 else 0)

    def check(self, classes: Collection[str]) -> None:
        """Raise `LabelError` if a model with these classes cannot write each of the texts."""
        check_characters(self.characters, classes)
        if not _always_has(self._root, classes):
            raise LabelError(f"{self._name} can write a text without a character of the model")


def _words(seed: int, index: int) -> Iterator[int]:
    """Yield the random words of a text."""
    for block in range(LONGEST * index, LONGEST * (index + 1), _BLOCKS_AT_ONCE):
        yield from philox.words(seed, Purpose.TEXT, block, _BLOCKS_AT_ONCE, 1).ravel().tolist()


def _drawn(node: _Node, choose: Callable[[int], int]) -> str:
    match node:
        case _Choice(options):
            return _drawn(options[choose(len(options))], choose)
        case _Sequence(parts):
            return "".join([_drawn(part, choose) for part in parts])
        case _Repeat(part, low, high):
            return "".join([_drawn(part, choose) for _ in range(low + choose(high - low + 1))])
    return node


def _characters(node: _Node) -> frozenset[str]:
    match node:
        case _Choice(nodes) | _Sequence(nodes):
            return frozenset().union(*map(_characters, nodes))
        case _Repeat(part, _, high):
            return _characters(part) if high else frozenset()
    return frozenset(node)


def _longest(node: _Node) -> int:
    """Return the number of characters of the longest text."""
    match node:
        case _Choice(options):
            return max(map(_longest, options))
        case _Sequence(parts):
            return sum(map(_longest, parts))
        case _Repeat(part, _, high):
            return high * _longest(part)
    return len(node)


def _steps(node: _Node) -> int:
    """Return the largest number of nodes that a text visits, which is at least its number of choices."""
    match node:
        case _Choice(options):
            return 1 + max(map(_steps, options))
        case _Sequence(parts):
            return 1 + sum(map(_steps, parts))
        case _Repeat(part, _, high):
            return 1 + high * _steps(part)
    return 1


def _always_has(node: _Node, classes: Collection[str]) -> bool:
    """Return whether every text has a character that is a class."""
    match node:
        case _Choice(options):
            return all(_always_has(option, classes) for option in options)
        case _Sequence(parts):
            return any(_always_has(part, classes) for part in parts)
        case _Repeat(part, low, _):
            return low > 0 and _always_has(part, classes)
    return any(character in classes for character in node)


class _Parser:
    """Reads a pattern from left to right; raises `RequestError` if it is wrong."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._place = 0

    def read(self) -> _Node:
        if len(self._pattern) > LONGEST:
            self._fail(f"it has more than {LONGEST} characters")
        node = self._alternatives(0)
        if self._place < len(self._pattern):
            self._fail("a ) without a (")
        return node

    def _alternatives(self, depth: int) -> _Node:
        options = [self._sequence(depth)]
        while self._skip("|"):
            options.append(self._sequence(depth))
        return options[0] if len(options) == 1 else _Choice(tuple(options))

    def _sequence(self, depth: int) -> _Node:
        parts: list[_Node] = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._counted(self._item(depth)))
        return parts[0] if len(parts) == 1 else _Sequence(tuple(parts))

    def _item(self, depth: int) -> _Node:
        if self._skip("("):
            self._skip("?:")
            if depth == _DEEPEST:
                self._fail(f"more than {_DEEPEST} groups in each other")
            group = self._alternatives(depth + 1)
            if not self._skip(")"):
                self._fail("a ( without a )")
            return group
        characters = self._class() if self._skip("[") else self._character()
        return characters if len(characters) == 1 else _Choice(tuple(characters))

    def _counted(self, part: _Node) -> _Node:
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
        return part if low == high == 1 else _Repeat(part, low, high)

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
