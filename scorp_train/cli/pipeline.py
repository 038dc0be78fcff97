"""What `scorp-train` and `scorp-export` do: from data to a model file."""

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import torch

from scorp_train.data import Dataset
from scorp_train.distributed.collectives import from_leader, process_group
from scorp_train.distributed.process import default_threads, this_process
from scorp_train.export.release import export_model
from scorp_train.training.data_record import data_record
from scorp_train.training.options import Plan
from scorp_train.training.resolution import description, resolved, training_device
from scorp_train.training.run_folder import RunFolder
from scorp_train.training.trainer import Trainer
from scorp_train.training.training_data import load_data, training_set


def train(plan: Plan, runs: Path, fresh: bool) -> None:
    """Train the run of this plan, or resume it unless `fresh`, and export its model into the run folder."""
    new_plan = resolved(plan)  # reports a missing device before there is a folder
    dataset = load_data(plan)
    data = data_record(dataset)

    def find_or_create() -> RunFolder:
        found = None if fresh else RunFolder.find(runs, plan, data)
        return found or RunFolder.create(runs, new_plan, data)

    with process_group(training_device(new_plan.training.device)):
        run = from_leader(find_or_create)
        try:
            # Every process checks its own data; one that does not see the folder would start at step 0.
            run.check_data(data)
            trainer = prepare(run.plan(), dataset, run)
            if this_process().leads:
                _report_start(trainer)
            trainer.train()
            if this_process().leads:
                print(export_model(trainer, run.path, plan.training.name))
        finally:
            run.release()


def export(run: RunFolder, folder: Path, name: str | None, model_version: str) -> None:
    """Export the model of a finished run into another folder."""
    plan = run.plan()
    dataset = load_data(plan)
    run.check_data(data_record(dataset))
    trainer = prepare(plan, dataset, run)
    print(export_model(trainer, folder, name or plan.training.name, model_version))


def prepare(plan: Plan, dataset: Dataset, run: RunFolder) -> Trainer:
    """Return a trainer at the last checkpoint of its run, and make torch deterministic; `plan` is the run's own."""
    torch.set_num_threads(plan.training.threads or default_threads())
    trainer = Trainer(plan, training_set(plan, dataset), run)
    # A kernel that sums in the order its threads finish would give other bits each time.
    torch.use_deterministic_algorithms(True, warn_only=trainer.device.type != "cpu")
    return trainer


def _report_start(trainer: Trainer) -> None:
    """Print where training starts or continues, and record device and versions unless it is finished."""
    options, precision = trainer.plan.training, getattr(trainer.plan.model, "precision", "")
    device = description(trainer.device)
    details = ", ".join(filter(None, (device, f"threads: {options.threads}", precision)))
    print(f"{trainer.run.path}: step {trainer.step} of {trainer.task.steps}, {details}", file=sys.stderr)
    if not trainer.finished:
        packages = ("scorp-train", "scorp-runtime", "torch")
        versions = {"python": platform.python_version()} | {name: version(name) for name in packages}
        trainer.run.record_start(trainer.step, device, versions)
