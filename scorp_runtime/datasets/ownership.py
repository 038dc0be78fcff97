"""Finding files in the folder of a dataset that do not belong to it, so that nothing of the user's is replaced."""

import os
from pathlib import Path
from typing import NoReturn

from scorp_runtime.files.atomic import PARTIAL
from scorp_runtime.formats import load_format

from . import card, manifest
from .shards import DISCARDED, UNFINISHED
from .spec import DatasetSpec


def first_foreign(spec: DatasetSpec, folder: Path) -> str | None:
    """Return the path, in the folder of a dataset, of something that does not belong to it; None if there is nothing.

    Links are foreign, and so are images that the tables do not name. Empty folders and temporary files of killed runs
    are not.

    Raises:
        OSError: if a folder in it cannot be read.
    """
    # If gathering was interrupted, the tables are still in the pieces.
    places = [folder, *(folder / UNFINISHED).glob("[0-9]*")]
    own = {card.FILE, manifest.FILE}
    shards = [spec.shard(number) for number in range(spec.shards)]
    own.update(*(load_format(spec.format).files(place, shards) for place in places))
    for root, folders, files in os.walk(folder, onerror=_raise):
        inside = Path(root).relative_to(folder)
        if not inside.parts:  # the shards of an unfinished dataset
            folders[:] = [name for name in folders if name not in (UNFINISHED, DISCARDED)]
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in (*files, *links):
            path = (inside / name).as_posix()
            if path not in own and not (name.startswith(".") and name.endswith(PARTIAL)):
                return path
    return None


def _raise(error: OSError) -> NoReturn:
    raise error
