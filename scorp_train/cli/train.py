"""The command `scorp-train`: train a model, resume the training, and export the model."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from scorp_runtime.cli.options import threads
from scorp_runtime.cli.process import OneLineParser, run_command
from scorp_train.distributed.process import this_process
from scorp_train.errors import UsageError
from scorp_train.models.option_checks import flag
from scorp_train.models.registry import model_names, model_options
from scorp_train.training.options import Options, Plan
from scorp_train.training.presets import preset, preset_names
from scorp_train.version import __version__

EXAMPLES = """\
examples:
  scorp-train                                the released digits, from MNIST
  scorp-train --preset sketch                a first look in a quarter of the time
  scorp-train --data mine --name mine --variants 2000
                                             your own handwriting, a folder of images for each class

Run the same command again to resume an interrupted training.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-train` and return the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    return run_command("scorp-train", _run, sys.argv[1:] if arguments is None else arguments)


def _run(arguments: Sequence[str]) -> None:
    parsed = _parse(arguments)
    plan = _plan(parsed)
    # Torch takes seconds to import; --help and wrong options do not need it.
    from scorp_train.training.resolution import resolved

    if parsed.dry_run:
        planned = resolved(plan).to_json()
        if this_process().leads:
            print(json.dumps(planned, indent=2))
        return
    from .pipeline import train

    train(plan, Path(parsed.runs), parsed.new)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse twice: the first pass finds preset and network, whose options the second pass knows."""
    first = OneLineParser(add_help=False, allow_abbrev=False)
    first.add_argument("--preset")
    first.add_argument("--network", "--model")
    found = first.parse_known_args(arguments)[0]
    recipe = preset(found.preset, found.network)
    # The second pass refuses wrong names.
    network = recipe["network"] if recipe["network"] in model_names() else Options.network
    parser = OneLineParser(
        prog="scorp-train",
        usage="scorp-train [options]",
        description="Train a generator of handwriting and export it to ONNX.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for field in fields(Options):
        if field.name == "network":
            choices: dict[str, Any] = {"choices": model_names(), "metavar": "NAME"}
            _add_option(parser, field, recipe, f"network: {', '.join(model_names())}", **choices)
            # The former name.
            parser.add_argument("--model", dest="network", help=argparse.SUPPRESS, **choices)
        elif text := field.metadata.get("help"):
            _add_option(parser, field, recipe, text)
    parser.add_argument(
        "--preset",
        choices=preset_names(),
        metavar="NAME",
        help="other defaults: digits, text, sketch or a network",
    )
    parser.add_argument("--runs", default="runs", metavar="DIR", help="folder of run folders (default: runs)")
    parser.add_argument("--new", action="store_true", help="start again even if this run exists")
    parser.add_argument("--dry-run", action="store_true", help="print the resolved options and exit")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    group = parser.add_argument_group(f"options of the network {network}")
    for field in fields(model_options(network)):
        allowed = str(field.metadata.get("range", type(field.default).__name__))
        _add_option(group, field, recipe, field.metadata.get("help") or allowed)
    parser.set_defaults(**recipe)
    return parser.parse_args(arguments)


def _add_option(
    parser: argparse._ActionsContainer,
    field: "Field[Any]",
    recipe: Mapping[str, Any],
    text: str,
    **form: Any,
) -> None:
    """Add the option of a dataclass field."""
    kind = type(field.default)
    if isinstance(field.default, bool):
        form["action"] = argparse.BooleanOptionalAction
    else:
        form = {"type": kind, "metavar": "TEXT" if kind is str else "N", **form}
    default = recipe.get(field.name, field.default)
    if field.name == "threads":
        form["type"], default = _threads, default or "auto"
    if default != "" and default is not False:
        shown = f"{default:.4g}" if isinstance(default, float) else default
        text = f"{text} (default: {shown})"
    parser.add_argument(flag(field.name), default=field.default, help=text.replace("%", "%%"), **form)


def _threads(text: str) -> int:
    """Read a number of threads; 0 stands for `auto`."""
    number = threads(text)
    return 0 if isinstance(number, str) else number


def _plan(parsed: argparse.Namespace) -> Plan:
    values = vars(parsed) | {"processes": this_process().count}
    training = Options(**{field.name: values[field.name] for field in fields(Options)})
    kind = model_options(training.network)
    try:
        return Plan(training, kind(**{field.name: values[field.name] for field in fields(kind)}))
    except ValueError as error:
        raise UsageError(str(error)) from error
