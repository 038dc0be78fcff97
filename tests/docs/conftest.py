"""The commands, Python and links of the documents, each a case of its own."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "web/README.md", "scorp_train/README.md")),
        *(ROOT / "docs").glob("*.md"),
    ]
)
PROGRAMS = ("scorp-gen", "scorp-train", "scorp-export", "scorp-eval", "python", "python3.11")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4}\S.*\n)+", re.MULTILINE)
_INLINE = re.compile(r"`((?:scorp-(?:gen|train|export|eval)|python) [^`]+)`")
_HEADING = re.compile(r"^#.*$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "python_document" in metafunc.fixturenames:
        documents = [path for path in DOCUMENTS if "```python" in path.read_text("utf-8")]
        metafunc.parametrize("python_document", documents, ids=lambda path: str(path.relative_to(ROOT)))
    for name, find in (("command", _commands), ("link", _links)):
        if name in metafunc.fixturenames:
            cases = [(path, case) for path in DOCUMENTS for case in find(path.read_text("utf-8"))]
            names = [f"{path.relative_to(ROOT)}: {case[:60]}" for path, case in cases]
            metafunc.parametrize(("document", name), cases, ids=names)


@pytest.fixture
def commands() -> Callable[[str], list[str]]:
    """What finds the commands of a document."""
    return _commands


@pytest.fixture
def documents() -> list[Path]:
    """All documents."""
    return DOCUMENTS


def _commands(text: str) -> list[str]:
    """Return the lines that call one of the project's programs or scripts, without comments, each once."""
    blocks = [code for language, code in _FENCE.findall(text) if language in ("", "sh")]
    blocks += [part[0] for part in _INDENTED.finditer(_FENCE.sub("", text))]
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    parts = [part.strip() for line in lines for part in re.split(r"&&|;| do ", line.split("  #")[0])]
    found = [
        part
        for part in parts
        if part and "=" not in (first := part.split()[0]) and Path(first).name in PROGRAMS
    ]
    inline = [" ".join(code.split()) for code in _INLINE.findall(_HEADING.sub("", text))]
    # Shorter ones are names of options and commands.
    found += [code for code in inline if len(code.split()) > (3 if " -m " in code else 2)]
    return list(dict.fromkeys(found))


def _links(text: str) -> list[str]:
    return list(dict.fromkeys(link for link in _LINK.findall(text) if "://" not in link))
