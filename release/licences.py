"""Write docs/licences.md from the metadata of what is installed: what is shipped, and what it depends on.

python release/licences.py            # needs the packages of CONTRIBUTING.md
python release/licences.py --check    # exit code 1 if the page is another
"""

import json
import sys
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
WEB = ROOT / "web"

SHIPPED = """# Licences

`python release/licences.py` writes this page from the metadata of installed packages; the release gate compares it.

## What is shipped

| what | where | terms |
| --- | --- | --- |
| the code of both packages and of the page | `scorp_runtime/`, `scorp_train/`, `web/` | Apache-2.0 ([LICENSE](../LICENSE)) |
| the released models | `exported/`, in the wheel `scorp_runtime/exported/` | CC BY-SA 3.0 ([why](../exported/LICENSE.md)) |
| the judges of `scorp-eval` | `scorp_train/judge/models/` | CC BY-SA 3.0: they learned from MNIST, that for letters from its sources, too ([letters.md](letters.md#sources-and-terms)) |
| what the page packs | the wheel's `scorp_runtime/web/page/page.js` | MIT; the notices are beside it, in `licences.md` |
| what the static site packs besides | `web/dist/`, which no package has | MIT (onnxruntime-web) |

No package has fonts or pictures of handwriting. `docs/training-samples.png` shows digits of MNIST (CC BY-SA 3.0).
"""


def page() -> str:
    """Return the page as the installed packages would have it."""
    parts = [SHIPPED]
    for title, name, extras in (
        ("What `scorp-runtime` depends on", "scorp-runtime", ("",)),
        ("... with its extras", "scorp-runtime", ("parquet", "dask", "ray")),
        ("What `scorp-train` depends on", "scorp-train", ("",)),
    ):
        rows = "".join(f"| {found} | {_terms(found)} |\n" for found in _depends(name, extras))
        parts.append(f"## {title}\n\n| package | terms, by its metadata |\n| --- | --- |\n{rows}")
    rows = "".join(f"| {name} | {terms} |\n" for name, terms in _javascript())
    parts.append(
        f"## What the page's packages are, and depend on\n\n| package | terms |\n| --- | --- |\n{rows}"
    )
    return "\n".join(parts)


def _depends(name: str, extras: tuple[str, ...]) -> list[str]:
    needed = map(Requirement, requires(name) or [])
    found = {
        need.name
        for need in needed
        if (need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras))
        and (extras == ("",) or "extra" in str(need.marker))
    }
    return sorted(found)


def _terms(name: str) -> str:
    try:
        told = metadata(name)
    except PackageNotFoundError:
        sys.exit(f"{name} is not installed")
    if told["License-Expression"]:
        return str(told["License-Expression"])
    classes = [
        line.split(" :: ")[-1] for line in told.get_all("Classifier") or [] if line.startswith("License")
    ]
    return ", ".join(classes) or (told["License"] or "not told").splitlines()[0]


def _javascript() -> list[tuple[str, str]]:
    """Return what is packed, from the lock file: it is there without `npm ci`."""
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))["packages"]
    names, rows = list(lock[""]["dependencies"]), {}
    while names:
        entry = lock[f"node_modules/{(name := names.pop())}"]
        if name not in rows:
            rows[name] = entry.get("license", "not told")
            names += entry.get("dependencies", {})
    return sorted(rows.items())


def main() -> int:
    """Write the page, or compare it."""
    if "--check" in sys.argv[1:]:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != page())
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
