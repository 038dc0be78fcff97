"""From data to a model file: what `scorp-train` and `scorp-export` do once their options are clear."""

import os
import sys
from pathlib import Path

import torch

from scorp_train.data import Dataset
from scorp_train.data.variants import with_variants
from scorp_train.distributed import from_leader, process_group
from scorp_train.export.command import export_model
from scorp_train.lesson import lesson, load_pictures
from scorp_train.options import Plan
from scorp_train.process import this_process
from scorp_train.run import RunFolder
from scorp_train.trainer import Trainer, training_device


def train(plan: Plan, runs: Path, fresh: bool) -> None:
    """Trains (or resumes, or finds finished) the run of this plan, and exports its model into the run folder."""
    device = training_device(plan.training.device)  # a wrong one is told before there is a folder
    dataset = load_pictures(plan)
    with process_group(device):
        run = from_leader(lambda: RunFolder.find_or_create(runs, plan, fresh))
        try:
            run.plan()  # a machine that does not see the folder would begin at step 0, and not where the others are
            trainer = prepare(plan, dataset, run)
            if this_process().leads:
                print(f"{run.path}: step {trainer.step} of {trainer.task.steps}", file=sys.stderr)
            trainer.train()
            if this_process().leads:
                print(export_model(trainer, run.path, plan.training.name))
        finally:
            run.release()


def export(run: RunFolder, folder: Path, name: str | None, model_version: str) -> None:
    """Exports the model of a finished run into another folder."""
    plan = run.plan()
    trainer = prepare(plan, load_pictures(plan), run)
    print(export_model(trainer, folder, name or plan.training.name, model_version))


def prepare(plan: Plan, dataset: Dataset, run: RunFolder) -> Trainer:
    """A trainer at the last checkpoint of its run, in a process set up to repeat itself."""
    cores = (os.cpu_count() or 1) // this_process().local_count
    torch.set_num_threads(plan.training.threads or max(1, cores))
    if plan.training.variants:
        dataset = with_variants(dataset, plan.training.variants, plan.training.seed)
    trainer = Trainer(plan, lesson(plan, dataset), run)
    # The same seed gives the same bits only if no kernel sums in the order its threads happen to finish.
    torch.use_deterministic_algorithms(True, warn_only=trainer.device.type != "cpu")
    return trainer
