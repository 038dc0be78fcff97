"""README and docs are up to date, lead somewhere, and do what they show."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scorp_runtime import Generator
from scorp_runtime.model.onnx_reader import parse

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "release"))
import refresh_docs  # noqa: E402

COMMUNITY = ("CONTRIBUTING.md", "SECURITY.md", "web/README.md", "scorp_train/README.md", "exported/digits.md")
PAGES = [str(path.relative_to(ROOT)) for path in refresh_docs.PAGES]
WITH_CODE = [
    name for name in PAGES if re.search(r"^```(console|python)", (ROOT / name).read_text("utf-8"), re.M)
]
MODELS = ("digits", "letters", "text")


@pytest.mark.parametrize("page", PAGES)
def test_numbers_and_tables_are_current(page: str) -> None:
    """`python release/refresh_docs.py` would change nothing."""
    text = (ROOT / page).read_text("utf-8")
    assert refresh_docs.refreshed(ROOT / page, text) == text


@pytest.mark.parametrize("page", WITH_CODE)
def test_code_and_commands_run_and_print_what_is_shown(page: str, tmp_path: Path) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert refresh_docs.replay(text, tmp_path) == text


@pytest.mark.parametrize("name", refresh_docs.IMAGES)
def test_an_image_is_what_its_command_draws(name: str) -> None:
    assert not refresh_docs.redrawn(refresh_docs.IMAGE_FOLDER / name, refresh_docs.IMAGES[name])


@pytest.mark.parametrize("page", [*PAGES, *COMMUNITY])
def test_links_resolve(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for link, anchor in re.findall(r"\]\((?!https?:|#)([^)#\s]+)(?:#([\w-]+))?\)", text):
        target = (ROOT / page).parent / link
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.M)
            assert anchor in {
                re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings
            }, link


def test_links_to_the_repository_resolve() -> None:
    """As if they were relative ones."""
    address = re.compile(r"scorp-project/scorp/(?:blob|tree)/main/([^)#\s]+)")
    for page in PAGES:
        for path in address.findall((ROOT / page).read_text("utf-8")):
            assert (ROOT / path).exists(), f"{page}: {path}"


def test_files_named_in_the_architecture_exist() -> None:
    named = re.findall(r"`([\w/]+(?:/|\.py|\.toml))`", (ROOT / "docs/architecture.md").read_text("utf-8"))
    places = (ROOT, ROOT / "scorp_runtime", ROOT / "scorp_train")
    assert len(named) > 20
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


def test_the_site_builds(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reference/python/index.html").exists()


def test_the_notebook_runs(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(ROOT / "docs/notebooks/first_dataset.ipynb", as_version=4)
    shown = [_printed(cell) for cell in notebook.cells]
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert [bool(text) for text in map(_printed, notebook.cells)] == [bool(text) for text in shown]


def _printed(cell: dict[str, list[dict[str, str]]]) -> str:
    return "".join(output.get("text", "") for output in cell.get("outputs", []))


@pytest.mark.parametrize("name", MODELS)
def test_a_card_matches_the_model_file(name: str) -> None:
    """Apart from what `scorp-eval --card` adds to it."""
    exactness = pytest.importorskip("scorp_train.export.exactness")
    card = pytest.importorskip("scorp_train.export.card")
    data = (ROOT / f"exported/{name}.onnx").read_bytes()
    text = (ROOT / f"exported/{name}.md").read_text("utf-8")
    at_export = re.sub(r"^## Measured by .*?(?=^## )", "", text, flags=re.M | re.S)
    proof = exactness.prove(parse(data))
    assert at_export == card.write_card(Generator(name).info, len(data), proof)


@pytest.mark.parametrize("name", ["digits", "text"])
def test_the_preset_is_the_recipe_of_the_released_model(name: str, tmp_path: Path) -> None:
    """A former network drew the released letters."""
    recipe = Generator(name).info.recipe["options"]
    threads, precision = str(recipe["training"]["threads"]), recipe["model"]["precision"]
    words = ["scorp-train", "--preset", name, "--threads", threads, "--precision", precision, "--dry-run"]
    code, printed = refresh_docs.run(words, tmp_path)
    assert code == 0
    planned = json.loads(printed)
    for part in ("training", "model"):
        # The plan resolves `auto`.
        expected = {key: value for key, value in recipe[part].items() if value != "auto"}
        assert {key: planned[part][key] for key in expected} == expected


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", ".github/workflows/*.yml"),
        ("github-issue-forms", ".github/ISSUE_TEMPLATE/[!c]*.yml"),
        ("github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("citation-file-format", "CITATION.cff"),
    ],
)
def test_files_for_github_are_valid(schema: str, files: str) -> None:
    pytest.importorskip("check_jsonschema")
    paths = [str(path) for path in ROOT.glob(files)]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert paths
    assert done.returncode == 0, done.stdout
