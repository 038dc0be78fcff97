"""The command line `scorp-train`: train a model, resume it, and export what it learned."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from scorp_runtime.cli.process import OneLineParser, run_command
from scorp_train.distributed.process import this_process
from scorp_train.errors import UsageError
from scorp_train.models.option_checks import flag
from scorp_train.models.registry import model_names, model_options
from scorp_train.training.options import Options, Plan
from scorp_train.training.presets import preset, preset_names
from scorp_train.version import __version__

HELP = {
    "model": "the network, by its registered name",
    "data": "a registered data set, or a directory of class folders with pictures, or of IDX files",
    "layout": "which pictures of class folders are scaled and centred as MNIST's: auto, mnist (all) or none",
    "invert": "the images of the directory have dark ink on light paper",
    "name": "name of the exported model",
    "epochs": "passes over the training pictures",
    "variants": "fill classes of fewer pictures up to this number with gentle variants of them",
    "batch": "pictures per step, in each process",
    "seed": "all randomness follows from it",
    "device": "auto, cpu, cuda or cuda:N",
    "threads": "CPU threads of each process; 0 for one per usable core, at most OMP_NUM_THREADS",
    "sample_steps": "after how many steps to write samples, beside every epoch: numbers with commas",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `scorp-train`; returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    return run_command("scorp-train", _run, sys.argv[1:] if arguments is None else arguments)


def _run(arguments: Sequence[str]) -> None:
    parsed = _parse(arguments)
    plan = _plan(parsed)
    # Torch takes seconds to import; --help and wrong options are answered without it.
    from scorp_train.training.resolution import resolved

    if parsed.dry_run:
        planned = resolved(plan).to_json()
        if this_process().leads:
            print(json.dumps(planned, indent=2))
        return
    from .pipeline import train

    train(plan, Path(parsed.runs), parsed.new)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Two looks: the first finds preset and model, whose own options the second knows; unknown options are errors."""
    first = OneLineParser(add_help=False, allow_abbrev=False)
    first.add_argument("--preset")
    first.add_argument("--model")
    found = first.parse_known_args(arguments)[0]
    # Wrong names get argparse's own message, with the choices, in the second look.
    recipe = preset(found.preset, found.model)
    model = recipe["model"]
    parser = OneLineParser(
        prog="scorp-train",
        description="Train a generator of handwriting and export it to ONNX. The same command again resumes.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    for field in (field for field in fields(Options) if field.name in HELP):
        form = _form(field.default)
        if field.name == "model":
            form["choices"] = model_names()
        parser.add_argument(flag(field.name), default=field.default, help=HELP[field.name], **form)
    parser.add_argument("--preset", choices=preset_names(), help="a recipe for all other options")
    parser.add_argument("--runs", default="runs", metavar="DIR", help="where the numbered run folders are")
    parser.add_argument("--new", action="store_true", help="start again even if this run exists")
    parser.add_argument("--dry-run", action="store_true", help="print the resolved options and stop")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    group = parser.add_argument_group(f"options of the model {model}")
    for field in fields(_model_options(model)):
        help_text = f"({type(field.default).__name__})"
        group.add_argument(flag(field.name), default=field.default, help=help_text, **_form(field.default))
    parser.set_defaults(**recipe)
    return parser.parse_args(arguments)


def _form(default: object) -> dict[str, Any]:
    """Return the arguments of `add_argument` that read a value of the type of this default."""
    kind = type(default)
    return {"action": argparse.BooleanOptionalAction} if kind is bool else {"type": kind}


def _model_options(name: str) -> type[Any]:
    # A wrong name gets argparse's own message, with the choices, in the second look.
    return model_options(name if name in model_names() else Options.model)


def _plan(parsed: argparse.Namespace) -> Plan:
    values = vars(parsed) | {"processes": this_process().count}
    training = Options(**{field.name: values[field.name] for field in fields(Options)})
    kind = model_options(training.model)
    try:
        return Plan(training, kind(**{field.name: values[field.name] for field in fields(kind)}))
    except ValueError as error:
        raise UsageError(str(error)) from error
