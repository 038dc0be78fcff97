"""The command `scorp-eval`: measure a generator, print a table, write a report.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 4 a metric is worse than its `--fail-under`, 130 interrupted.
"""

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorp_runtime.cli.options import add_flag, add_value
from scorp_runtime.cli.process import run_command
from scorp_train.errors import UsageError
from scorp_train.files import check_folder
from scorp_train.version import __version__

from .compare import COMMAND, run_compare
from .evaluation_options import PROGRAM, common_parser, load_data, log

if TYPE_CHECKING:
    from scorp_train.evaluation.sample_sizes import SampleSizes

UNDER = 4
_DIAGNOSTICS = "diagnostics"  # as a limit: the share of checks that pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scorp-eval` and return the exit code. Raises SystemExit for a metric that is worse than its limit."""
    return run_command(PROGRAM, _run, sys.argv[1:] if arguments is None else arguments)


def _parser() -> argparse.ArgumentParser:
    parser = common_parser(PROGRAM, "Measure a generator of handwriting and compare it with real images.")
    model = (
        "a SCORP model (bundled name or file), a folder of 28 x 28 images in class folders, or an .npz with "
        "images uint8 (N, 28, 28), and optionally labels and originals of reconstructions; or `compare` and several "
        "models (scorp-eval compare --help)"
    )
    limit = (
        "exit with 4 if a metric is worse than VALUE (above it if lower is better); NAME is a metric, or "
        "`diagnostics` for the share of checks that pass; may be repeated"
    )
    people = "results of blind.html to add to the report; without MODEL, to the existing one in --report"
    parser.add_argument("source", nargs="?", metavar="MODEL", help=model)
    add_flag(parser, "--invert", "the images of MODEL have dark ink on light paper")
    add_value(parser, "--report", "DIR", "folder for report.json, report.html and blind.html", Path)
    add_value(parser, "--card", "FILE", "model card to write all metrics into, replacing older ones", Path)
    add_value(parser, "--fail-under", "NAME=VALUE", limit, _limit, action="append", default=[])
    add_value(parser, "--human", "FILE", people, Path, nargs="+", default=[])
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
    # Heavy imports come after the arguments have been checked.
    from scorp_train.evaluation.card_section import read_card, write_section
    from scorp_train.evaluation.sample_sizes import FULL, QUICK
    from scorp_train.evaluation.table import format_table

    sizes = QUICK if options.quick else FULL
    # Report mistakes now, not after minutes.
    _check_names(options.fail_under, sizes)
    if options.card is not None:
        read_card(options.card)
    if options.report is not None:
        check_folder(options.report)
    fields = _evaluate(options, sizes) if options.source is not None else {}
    if options.human:
        fields = _add_people(options.report, options.human)
    print(format_table(fields))
    if options.card is not None:
        write_section(options.card, fields)
    _check_limits(fields, options.fail_under)


def _evaluate(options: argparse.Namespace, sizes: "SampleSizes") -> dict[str, Any]:
    """Measure the source, write the report if requested, and return its fields."""
    import torch

    from scorp_train.evaluation.human_test import make_human_test
    from scorp_train.evaluation.plots import draw_images
    from scorp_train.evaluation.report import evaluate
    from scorp_train.evaluation.report_folder import ReportFolder
    from scorp_train.evaluation.report_json import report_fields
    from scorp_train.evaluation.sources import read_source

    torch.set_num_threads(options.threads)
    dataset, judge = load_data(options)
    count, layout = options.count or sizes.count, options.layout or "none"
    source = read_source(options.source, dataset.classes, sizes, count, options.seed, options.invert, layout)
    for note in source.notes:
        log(f"{options.source}: {note}")
    source = source.with_classes(dataset.classes, judge.classes)
    report = evaluate(source, dataset.with_classes(judge.classes), judge, sizes, options.seed, log)
    fields = report_fields(report)
    if options.report is not None:
        test = make_human_test(report.sample, report.real.test, sizes.human_trials, options.seed)
        ReportFolder(options.report).write(fields, draw_images(report, fields), test)
    return fields


def _add_people(directory: Path, results: Sequence[Path]) -> dict[str, Any]:
    """Add the answers of people to the report in a directory, and return its fields."""
    from scorp_train.evaluation.human_results import people_section, read_answers
    from scorp_train.evaluation.report_folder import ReportFolder
    from scorp_train.evaluation.report_json import with_section

    folder = ReportFolder(directory)
    page, generated = folder.read_key()
    answers = [read_answers(path, page, len(generated)) for path in results]
    fields = with_section(folder.read_fields(), people_section(answers, generated))
    folder.write(fields, folder.read_images())
    return fields


def _check_names(limits: Sequence[tuple[str, float]], sizes: "SampleSizes") -> None:
    """Raise `UsageError` for a limit of an unknown metric."""
    from scorp_train.evaluation.report import metric_names

    known = {*metric_names(sizes), _DIAGNOSTICS}
    for name, _ in limits:
        if name not in known:
            raise UsageError(f"--fail-under: unknown metric {name!r}; use one of {', '.join(sorted(known))}")


def _check_limits(fields: Mapping[str, Any], limits: Sequence[tuple[str, float]]) -> None:
    """Print a line for each metric that is worse than its limit or missing, and exit with 4 if there is one."""
    metrics = {name: (m["value"], m["better"] == "lower") for name, m in fields["figures"].items()}
    summary = fields["summary"]
    metrics[_DIAGNOSTICS] = (summary["diagnostics_passed"] / max(summary["diagnostics"], 1), False)
    worse = []
    for name, limit in limits:
        value, lower = metrics.get(name, (None, False))
        if value is None:
            worse.append(f"{name} was not measured")
        elif value > limit if lower else value < limit:
            worse.append(f"{name} is {value:g}, {'above' if lower else 'under'} {limit:g}")
    for line in worse:
        log(line)
    if worse:
        raise SystemExit(UNDER)


def _limit(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        limit = float(value)
    except ValueError:
        limit = math.nan
    if math.isnan(limit):  # nothing is worse than NaN
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, limit
