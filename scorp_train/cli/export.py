"""The command `scorp-export`: release the model of a finished run."""

import sys
from collections.abc import Sequence
from pathlib import Path

from scorp_runtime.cli.process import OneLineParser, run_command
from scorp_train.files import check_folder
from scorp_train.training.options import check_name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-export` and return the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    return run_command("scorp-export", _run, sys.argv[1:] if arguments is None else arguments)


def _run(arguments: Sequence[str]) -> None:
    parser = OneLineParser(
        prog="scorp-export",
        usage="scorp-export [options] RUN FOLDER\n       scorp-export --c MODEL FOLDER",
        description="Write NAME.onnx, NAME.md and NAME.golden.json if the model passes the export gate. "
        "With --c, write scorp_NAME.h and scorp_NAME.c, which draw the same pixels on small devices.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "run", type=Path, metavar="RUN", help="finished run folder of scorp-train, or a model file with --c"
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder to write into, such as exported/")
    parser.add_argument("--c", action="store_true", help="export an exact model file as portable C99")
    parser.add_argument("--name", help="name of the model (default: the --name of the run)")
    parser.add_argument(
        "--model-version", default="0.1.0", help="version of the model (default: %(default)s)"
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parsed = parser.parse_args(arguments)

    if parsed.name is not None:
        check_name(parsed.name)
    check_folder(parsed.folder)
    if parsed.c:
        from scorp_train.export.c99.source import export_c99

        export_c99(parsed.run, parsed.folder)
        return
    # Torch takes seconds to import; wrong usage does not need it.
    from scorp_train.training.run_folder import RunFolder

    from .pipeline import export

    export(RunFolder(parsed.run), parsed.folder, parsed.name, parsed.model_version)
