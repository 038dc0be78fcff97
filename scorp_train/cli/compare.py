"""The command `scorp-eval compare`: several models in one report."""

from collections.abc import Sequence
from pathlib import Path

from scorp_train.errors import UsageError
from scorp_train.files import check_folder

from .evaluation_options import PROGRAM, common_parser, load_data, log

COMMAND = "compare"


def run_compare(arguments: Sequence[str]) -> None:
    """Run `scorp-eval compare` with the arguments after `compare`."""
    parser = common_parser(f"{PROGRAM} {COMMAND}", "Measure several models in the same way and compare them.")
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="a bundled name, a model file, or a run folder of scorp-train",
    )
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="folder for comparison.md, comparison.json and images"
    )
    parser.add_argument(
        "--stability",
        type=Path,
        metavar="RUNS",
        help="folder of finished runs that differ by seed, to report how much their results differ",
    )
    options = parser.parse_args(arguments)
    if len(options.models) < 2:
        raise UsageError("compare needs at least two models")
    if options.report is not None:
        check_folder(options.report)
    import torch

    from scorp_train.evaluation.comparison import find_candidates, measure
    from scorp_train.evaluation.comparison_page import Comparison, format_comparison, write_comparison
    from scorp_train.evaluation.sample_sizes import FULL, QUICK
    from scorp_train.evaluation.stability import read_stability

    torch.set_num_threads(options.threads)
    sizes = QUICK if options.quick else FULL
    candidates = find_candidates(options.models)
    stability = read_stability(options.stability) if options.stability is not None else {}
    dataset, judge = load_data(options)
    dataset = dataset.with_classes(judge.classes)
    count = options.count or sizes.count
    results = tuple(
        measure(candidate, dataset, judge, sizes, count, options.seed, stability, log)
        for candidate in candidates
    )
    settings = {"data": dataset.name, "judge": judge.name, "count": count, "seed": options.seed}
    comparison = Comparison(results, settings, " ".join([PROGRAM, COMMAND, *arguments]))
    if options.report is not None:
        write_comparison(options.report, comparison)
    print(format_comparison(comparison))
