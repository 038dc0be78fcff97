"""Nothing heavy is loaded before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "onnxruntime", "PIL"}


def loaded(code: str, environment: dict[str, str]) -> set[str]:
    report = "import sys; print(*(name.partition('.')[0] for name in sys.modules), file=sys.stderr)"
    program = f"import atexit\natexit.register(lambda: exec({report!r}))\n{code}"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment)
    return set(result.stderr.decode().split()) & (HEAVY | {"argparse", "scorp_runtime"})


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import scorp_runtime", {"scorp_runtime"}),
        ("from scorp_runtime import ScorpError; import scorp_runtime; dir(scorp_runtime)", {"scorp_runtime"}),
        ("from scorp_runtime.cli.main import main; main(['--version'])", {"scorp_runtime"}),
        (
            "from scorp_runtime.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass",
            {"scorp_runtime", "argparse"},
        ),
        ("from scorp_runtime import Generator", {"scorp_runtime", "numpy"}),
    ],
)
def test_only_what_is_needed_is_imported(code: str, expected: set[str], environment: dict[str, str]) -> None:
    assert loaded(code, environment) == expected


def test_a_contact_sheet_loads_no_text_effects_or_datasets(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = "import sys, scorp_runtime.cli.main as cli; cli.main(['7', 'seven.png']); print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, env=environment, cwd=tmp_path
    )
    modules = {name.removeprefix("scorp_runtime.") for name in result.stdout.decode().split()}
    assert "formats.png" in modules
    assert not modules & {
        "text.page",
        "text.layout",
        "imaging.effects",
        "imaging.resize",
        "datasets.dataset",
        "datasets.shards",
    }


def test_every_public_name_exists_and_is_listed() -> None:
    import scorp_runtime

    assert set(scorp_runtime.__all__) <= set(dir(scorp_runtime))
    for name in scorp_runtime.__all__:
        assert getattr(scorp_runtime, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        scorp_runtime.nothing  # noqa: B018
