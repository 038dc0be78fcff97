"""The command `scorp-eval compare`: several models in one report."""

from collections.abc import Sequence
from pathlib import Path

from scorp_runtime.cli.options import add_value
from scorp_train.errors import UsageError
from scorp_train.files import check_folder

from .evaluation_options import PROGRAM, common_parser, load_data, log

COMMAND = "compare"


def run_compare(arguments: Sequence[str]) -> None:
    """Run `scorp-eval compare` with the arguments after `compare`."""
    parser = common_parser(f"{PROGRAM} {COMMAND}", "Measure several models in the same way and compare them.")
    model = "a bundled name, a model file, or a run folder of scorp-train"
    runs = "folder of finished runs that differ by seed, to report how much their results differ"
    parser.add_argument("models", nargs="+", metavar="MODEL", help=model)
    add_value(parser, "--report", "DIR", "folder for comparison.md, comparison.json and images", Path)
    add_value(parser, "--stability", "RUNS", runs, Path)
    options = parser.parse_args(arguments)
    if len(options.models) < 2:
        raise UsageError("compare needs at least two models")
    if options.report is not None:
        check_folder(options.report)
    import torch

    from scorp_train.evaluation.comparison import find_models, measure
    from scorp_train.evaluation.comparison_page import format_comparison, write_comparison
    from scorp_train.evaluation.sample_sizes import FULL, QUICK
    from scorp_train.evaluation.stability import read_stability

    torch.set_num_threads(options.threads)
    sizes = QUICK if options.quick else FULL
    models = find_models(options.models)
    stability = read_stability(options.stability) if options.stability is not None else {}
    dataset, judge = load_data(options)
    dataset = dataset.with_classes(judge.classes)
    count = options.count or sizes.count
    results = [
        measure(title, source, dataset, judge, sizes, count, options.seed, stability, log)
        for title, source in models.items()
    ]
    settings = {"data": dataset.name, "judge": judge.name, "count": count, "seed": options.seed}
    command = " ".join([PROGRAM, COMMAND, *arguments])
    if options.report is not None:
        write_comparison(options.report, results, settings, command)
    print(format_comparison(results, settings, command))
