"""What lies in the folder of a dataset beside the dataset: nothing replaces what somebody else put there."""

import os
from pathlib import Path
from typing import NoReturn

from scorp_runtime.files.atomic import PARTIAL
from scorp_runtime.formats import FOLDERS, folder_form

from . import card, manifest
from .shards import BEGUN, FORGOTTEN
from .spec import DatasetSpec


def first_foreign(spec: DatasetSpec, folder: Path) -> str | None:
    """Return the path, in the folder of a dataset, of something that is not the dataset's; None if there is nothing.

    A link counts as foreign, and so does a picture that the tables do not name. Empty folders, and what a killed run
    left half written, do not.

    Raises:
        OSError: if a folder in it cannot be read.
    """
    own = _own(spec, folder)
    for place, folders, files in os.walk(folder, onerror=_raise):
        inside = Path(place).relative_to(folder)
        if not inside.parts:  # the shards of an unfinished dataset
            folders[:] = [name for name in folders if name not in (BEGUN, FORGOTTEN)]
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in (*files, *links):
            path = (inside / name).as_posix()
            if path not in own and not (name.startswith(".") and name.endswith(PARTIAL)):
                return path
    return None


def _own(spec: DatasetSpec, folder: Path) -> set[str]:
    own = {card.FILE, manifest.FILE}
    if spec.format not in FOLDERS:
        return own | {spec.file_name(number) for number in range(spec.shards)}
    form = folder_form(spec.format)
    # What was stopped while it was gathered has its tables still in the pieces.
    return own.union(*(form.files(place) for place in (folder, *(folder / BEGUN).glob("[0-9]*"))))


def _raise(error: OSError) -> NoReturn:
    raise error
