"""The command line `scorp-eval`: measure a generator, print a table, write a report.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 4 a figure under its `--fail-under`, 130 interrupted.
"""

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorp_runtime.cli.process import OneLineParser, run_command
from scorp_train.errors import UsageError
from scorp_train.files import check_folder
from scorp_train.version import __version__

from .compare import COMMAND, run_compare
from .evaluation_options import add_reading_options, choose_judge, picture_count, seed, thread_count

if TYPE_CHECKING:
    from scorp_train.evaluation.sample_sizes import Plan

UNDER = 4
_PROGRAM = "scorp-eval"
_DIAGNOSTICS = "diagnostics"  # as a limit: the share of checks that pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-eval`; returns the exit code, raises SystemExit for wrong usage and for a figure under its limit."""
    return run_command(_PROGRAM, _run, sys.argv[1:] if arguments is None else arguments)


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog=_PROGRAM,
        description="Measure a generator of digits beside real ones. docs/evaluation.md says what the figures mean.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "source",
        nargs="?",
        metavar="MODEL",
        help="a SCORP model (a bundled name or a file), a folder of 28 x 28 pictures in folders named after their "
        "classes, or an .npz with images uint8 (N, 28, 28), labels if known, originals of reconstructions; or the word "
        "`compare` before several models (scorp-eval compare --help)",
    )
    parser.add_argument(
        "--data",
        default="mnist",
        help="real digits: a data set's name or a directory of class folders or IDX files (%(default)s)",
    )
    parser.add_argument(
        "--judge",
        metavar="NAME|FILE",
        help="a judge's name or .onnx file (the one that a training scores with)",
    )
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="write report.json, report.html and blind.html here"
    )
    parser.add_argument(
        "--card",
        type=Path,
        metavar="FILE",
        help="put all figures into the model's card, in place of older ones",
    )
    parser.add_argument(
        "--count", type=picture_count, metavar="N", help="pictures to judge (10000, or 2000 with --quick)"
    )
    parser.add_argument(
        "--seed", type=seed, default=0, help="of the pictures and of every random choice (%(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="smaller samples: under a minute")
    parser.add_argument(
        "--threads", type=thread_count, default=1, metavar="N", help="for training classifiers (%(default)s)"
    )
    parser.add_argument(
        "--invert", action="store_true", help="the images of MODEL have dark ink on light paper"
    )
    parser.add_argument(
        "--fail-under",
        type=_limit,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="exit with 4 if a figure is worse than this (above it, where lower is better), or `diagnostics`, the "
        "share of checks that pass; may be repeated",
    )
    parser.add_argument(
        "--human",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="fold in results of blind.html; without MODEL, into the report in --report",
    )
    add_reading_options(parser)
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _run(arguments: Sequence[str]) -> None:
    if arguments[:1] == [COMMAND]:
        run_compare(arguments[1:])
        return
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.source is None and not options.human:
        parser.error("MODEL is missing")
    if options.human and options.report is None:
        parser.error("--human needs the --report that its blind.html came from")
    # Heavy imports come after the command line is known to be right.
    from scorp_train.evaluation.card_section import read_card, write_section
    from scorp_train.evaluation.sample_sizes import FULL, QUICK
    from scorp_train.evaluation.table import format_table

    plan = QUICK if options.quick else FULL
    _check_names(options.fail_under, plan)
    # A wrong path is told now, not after minutes.
    if options.card is not None:
        read_card(options.card)
    if options.report is not None:
        check_folder(options.report)
    fields = _evaluate(options, plan) if options.source is not None else None
    if options.human:
        fields = _fold(options.report, options.human)
    assert fields is not None
    print(format_table(fields))
    if options.card is not None:
        write_section(options.card, fields)
    _check_limits(fields, options.fail_under)


def _evaluate(options: argparse.Namespace, plan: "Plan") -> dict[str, Any]:
    import torch

    from scorp_train.data import load_dataset
    from scorp_train.evaluation.human_test import make_blind
    from scorp_train.evaluation.plots import draw_pictures
    from scorp_train.evaluation.report import evaluate
    from scorp_train.evaluation.report_folder import ReportFolder
    from scorp_train.evaluation.report_json import report_fields
    from scorp_train.evaluation.sources import read_source

    torch.set_num_threads(options.threads)
    own = load_dataset(options.data, options.layout or "auto", options.invert_data)
    judge, dataset = choose_judge(options.judge, own)
    count = options.count or plan.count
    pictures = read_source(
        options.source, own.classes, plan, count, options.seed, options.invert, options.layout or "none"
    )
    for place, notes in ((options.data, own.notes), (options.source, pictures.notes)):
        for line in notes:
            _tell(f"{place}: {line}")
    pictures = pictures.counted_as(own.classes, dataset.classes)
    report = evaluate(pictures, dataset, judge, plan, options.seed, _tell)
    fields = report_fields(report)
    if options.report is not None:
        blind = make_blind(report.sample, report.real.test, plan.blind, options.seed)
        ReportFolder(options.report).write(fields, draw_pictures(report, fields), blind)
    return fields


def _fold(directory: Path, results: Sequence[Path]) -> dict[str, Any]:
    """Add what people answered to the report in a directory."""
    from scorp_train.evaluation.human_results import people_section, read_answers
    from scorp_train.evaluation.report_folder import ReportFolder
    from scorp_train.evaluation.report_json import with_section

    folder = ReportFolder(directory)
    page, generated = folder.read_key()
    answers = [read_answers(path, page, len(generated)) for path in results]
    fields = with_section(folder.read_fields(), people_section(answers, generated))
    folder.write(fields, folder.read_pictures())
    return fields


def _check_names(limits: Sequence[tuple[str, float]], plan: "Plan") -> None:
    """Refuse a misspelt limit before minutes are spent."""
    from scorp_train.evaluation.report import figure_names

    known = {*figure_names(plan), _DIAGNOSTICS}
    for name, _ in limits:
        if name not in known:
            raise UsageError(f"--fail-under: no figure {name!r}; there are: {', '.join(sorted(known))}")


def _check_limits(fields: Mapping[str, Any], limits: Sequence[tuple[str, float]]) -> None:
    """Exit with 4 after a line for every figure that is worse than its limit, or was not measured."""
    figures = {name: (f["value"], f["better"] == "lower") for name, f in fields["figures"].items()}
    summary = fields["summary"]
    figures[_DIAGNOSTICS] = (summary["diagnostics_passed"] / max(summary["diagnostics"], 1), False)
    worse = []
    for name, limit in limits:
        value, lower = figures.get(name, (None, False))
        if value is None:
            worse.append(f"{name} was not measured")
        elif value > limit if lower else value < limit:
            worse.append(f"{name} is {value:g}, {'above' if lower else 'under'} {limit:g}")
    for line in worse:
        print(f"{_PROGRAM}: {line}", file=sys.stderr)
    if worse:
        raise SystemExit(UNDER)


def _tell(stage: str) -> None:
    print(f"{_PROGRAM}: {stage}", file=sys.stderr, flush=True)


def _limit(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        limit = float(value)
    except ValueError:
        limit = math.nan
    if math.isnan(limit):  # nothing would be worse than that
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, limit
