"""Patterns: texts described by a subset of regular expressions, with one text for each seed and index.

Each choice among several alternatives, characters of a class or counts uses one random word, from left to right.
`docs/reference/model-format.md`, section 7, is the specification.
"""

from collections.abc import Callable, Collection, Iterator

from scorp_runtime.errors import AddressError, LabelError, RequestError, short_repr
from scorp_runtime.sampling import philox
from scorp_runtime.sampling.philox import Purpose

from .layout import LONGEST
from .page import check_characters, read_index
from .pattern_syntax import Choice, Node, Repeat, Sequence, parse

_BLOCKS_AT_ONCE = 8
_MOST_STEPS = 4 * LONGEST  # as many as a page has random words


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
        self._root = parse(pattern)
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


def _drawn(node: Node, choose: Callable[[int], int]) -> str:
    match node:
        case Choice(options):
            return _drawn(options[choose(len(options))], choose)
        case Sequence(parts):
            return "".join([_drawn(part, choose) for part in parts])
        case Repeat(part, low, high):
            return "".join([_drawn(part, choose) for _ in range(low + choose(high - low + 1))])
    return node


def _characters(node: Node) -> frozenset[str]:
    match node:
        case Choice(nodes) | Sequence(nodes):
            return frozenset().union(*map(_characters, nodes))
        case Repeat(part, _, high):
            return _characters(part) if high else frozenset()
    return frozenset(node)


def _longest(node: Node) -> int:
    """Return the number of characters of the longest text."""
    match node:
        case Choice(options):
            return max(map(_longest, options))
        case Sequence(parts):
            return sum(map(_longest, parts))
        case Repeat(part, _, high):
            return high * _longest(part)
    return len(node)


def _steps(node: Node) -> int:
    """Return the largest number of nodes that a text visits, which is at least its number of choices."""
    match node:
        case Choice(options):
            return 1 + max(map(_steps, options))
        case Sequence(parts):
            return 1 + sum(map(_steps, parts))
        case Repeat(part, _, high):
            return 1 + high * _steps(part)
    return 1


def _always_has(node: Node, classes: Collection[str]) -> bool:
    """Return whether every text has a character that is a class."""
    match node:
        case Choice(options):
            return all(_always_has(option, classes) for option in options)
        case Sequence(parts):
            return any(_always_has(part, classes) for part in parts)
        case Repeat(part, low, _):
            return low > 0 and _always_has(part, classes)
    return any(character in classes for character in node)
