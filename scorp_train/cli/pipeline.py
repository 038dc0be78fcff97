"""From data to a model file: what `scorp-train` and `scorp-export` do once their options are clear."""

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import torch

from scorp_train.data import Dataset
from scorp_train.data.augmentation import with_variants
from scorp_train.distributed.collectives import from_leader, process_group
from scorp_train.distributed.process import default_threads, this_process
from scorp_train.export.release import export_model
from scorp_train.training.data_record import data_record
from scorp_train.training.options import Plan
from scorp_train.training.resolution import description, resolved, training_device
from scorp_train.training.run_folder import RunFolder
from scorp_train.training.trainer import Trainer
from scorp_train.training.training_data import lesson, load_pictures


def train(plan: Plan, runs: Path, fresh: bool) -> None:
    """Trains (or resumes, or finds finished) the run of this plan, and exports its model into the run folder."""
    new_plan = resolved(plan)  # a device that is not there is reported before there is a folder
    dataset = load_pictures(plan)
    data = data_record(dataset)

    def find_or_create() -> RunFolder:
        found = None if fresh else RunFolder.find(runs, plan, data)
        return found or RunFolder.create(runs, new_plan, data)

    with process_group(training_device(new_plan.training.device)):
        run = from_leader(find_or_create)
        try:
            # A machine that does not see the folder would begin at step 0, and not where the others are.
            run.check_data(data)  # of this process; the leader has compared its own
            trainer = prepare(run.plan(), dataset, run)
            if this_process().leads:
                _report_start(trainer)
            trainer.train()
            if this_process().leads:
                print(export_model(trainer, run.path, plan.training.name))
        finally:
            run.release()


def export(run: RunFolder, folder: Path, name: str | None, model_version: str) -> None:
    """Exports the model of a finished run into another folder."""
    plan = run.plan()
    dataset = load_pictures(plan)
    run.check_data(data_record(dataset))
    trainer = prepare(plan, dataset, run)
    print(export_model(trainer, folder, name or plan.training.name, model_version))


def prepare(plan: Plan, dataset: Dataset, run: RunFolder) -> Trainer:
    """A trainer at the last checkpoint of its run, in a process set up to repeat itself; `plan` is the run's own."""
    torch.set_num_threads(plan.training.threads or default_threads())
    if plan.training.variants:
        dataset = with_variants(dataset, plan.training.variants, plan.training.seed)
    trainer = Trainer(plan, lesson(plan, dataset), run)
    # The same seed gives the same bits only if no kernel sums in the order its threads happen to finish.
    torch.use_deterministic_algorithms(True, warn_only=trainer.device.type != "cpu")
    return trainer


def _report_start(trainer: Trainer) -> None:
    """Print where a training starts or continues, and record device and versions unless it is finished."""
    options, precision = trainer.plan.training, getattr(trainer.plan.model, "precision", "")
    device = description(trainer.device)
    details = ", ".join(filter(None, (device, f"threads: {options.threads}", precision)))
    print(f"{trainer.run.path}: step {trainer.step} of {trainer.task.steps}, {details}", file=sys.stderr)
    if not trainer.finished:
        packages = ("scorp-train", "scorp-runtime", "torch")
        versions = {"python": platform.python_version()} | {name: version(name) for name in packages}
        trainer.run.record_start(trainer.step, device, versions)
