"""The command line `scorp-eval compare`: several models measured alike, put into one report."""

import sys
from collections.abc import Sequence
from pathlib import Path

from scorp_runtime.cli.process import OneLineParser
from scorp_train.errors import UsageError
from scorp_train.files import check_folder

from .evaluation_options import add_reading_options, choose_judge, picture_count, seed, thread_count

COMMAND = "compare"


def run_compare(arguments: Sequence[str]) -> None:
    """Runs `scorp-eval compare` with the words after `compare`."""
    options = _parser().parse_args(arguments)
    if len(options.models) < 2:
        raise UsageError("compare needs two models at least")
    if options.report is not None:
        check_folder(options.report)
    import torch

    from scorp_train.data import load_dataset
    from scorp_train.evaluation.comparison import find_contenders, measure
    from scorp_train.evaluation.comparison_page import Comparison, format_comparison, write_comparison
    from scorp_train.evaluation.sample_sizes import FULL, QUICK
    from scorp_train.evaluation.stability import read_stability

    torch.set_num_threads(options.threads)
    plan = QUICK if options.quick else FULL
    contenders = find_contenders(options.models)
    stability = read_stability(options.stability) if options.stability is not None else {}
    dataset = load_dataset(options.data, options.layout or "auto", options.invert_data)
    for line in dataset.notes:
        _tell(f"{options.data}: {line}")
    judge, dataset = choose_judge(options.judge, dataset)
    count = options.count or plan.count
    results = tuple(
        measure(contender, dataset, judge, plan, count, options.seed, stability, _tell)
        for contender in contenders
    )
    settings = {"data": dataset.name, "judge": judge.name, "count": count, "seed": options.seed}
    comparison = Comparison(results, settings, " ".join(["scorp-eval", COMMAND, *arguments]))
    if options.report is not None:
        write_comparison(options.report, comparison)
    print(format_comparison(comparison))


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog=f"scorp-eval {COMMAND}",
        description="Measure several models in the same way and put them side by side.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="a bundled name, a model file, or a run folder of scorp-train",
    )
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="write comparison.md, comparison.json and pictures here"
    )
    parser.add_argument(
        "--stability",
        type=Path,
        metavar="RUNS",
        help="a folder of finished runs that differ by seed: how far they end apart",
    )
    parser.add_argument("--data", default="mnist", help="real digits, as for scorp-eval (%(default)s)")
    parser.add_argument("--judge", metavar="NAME|FILE", help="as for scorp-eval")
    parser.add_argument(
        "--count", type=picture_count, metavar="N", help="pictures of each (10000, or 2000 with --quick)"
    )
    parser.add_argument("--seed", type=seed, default=0, help="of all pictures and choices (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="smaller samples: about a minute each")
    parser.add_argument(
        "--threads", type=thread_count, default=1, metavar="N", help="for classifiers (%(default)s)"
    )
    add_reading_options(parser)
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


def _tell(stage: str) -> None:
    print(f"scorp-eval: {stage}", file=sys.stderr, flush=True)
