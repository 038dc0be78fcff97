"""Nothing heavy is loaded before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

WATCHED = {"numpy", "onnxruntime", "PIL", "typing", "argparse", "scorp_runtime"}
BARE = {"scorp_runtime"}


def loaded(code: str, environment: dict[str, str], folder: Path) -> set[str]:
    report = "import sys; print(*sys.modules, file=sys.stderr)"
    program = f"import atexit\natexit.register(lambda: exec({report!r}))\n{code}"
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, capture_output=True, check=True, env=environment, cwd=folder)
    return set(result.stderr.decode().split())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import scorp_runtime", BARE),
        ("from scorp_runtime import ScorpError; import scorp_runtime; dir(scorp_runtime)", BARE),
        ("from scorp_runtime.cli.main import main; main(['--version'])", BARE),
        (
            "from scorp_runtime.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass",
            BARE | {"argparse", "typing"},
        ),
        ("from scorp_runtime import Generator", BARE | {"numpy", "typing"}),
    ],
)
def test_only_what_is_needed_is_imported(
    code: str, expected: set[str], environment: dict[str, str], tmp_path: Path
) -> None:
    before = loaded("", environment, tmp_path)
    found = loaded(code, environment, tmp_path) & WATCHED - before
    assert found == expected - before


def test_a_contact_sheet_loads_no_text_effects_or_datasets(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = "import scorp_runtime.cli.main as cli; cli.main(['7', 'seven.png'])"
    modules = {name.removeprefix("scorp_runtime.") for name in loaded(program, environment, tmp_path)}
    assert "formats.png" in modules
    assert not modules & {
        "text.page",
        "text.layout",
        "imaging.effects",
        "imaging.resize",
        "datasets.dataset",
        "datasets.shards",
    }


def test_every_public_name_is_found_and_listed() -> None:
    import scorp_runtime

    assert set(scorp_runtime.__all__) <= set(dir(scorp_runtime))
    for name in scorp_runtime.__all__:
        assert getattr(scorp_runtime, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        scorp_runtime.nothing  # noqa: B018
