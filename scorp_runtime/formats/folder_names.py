"""The names of class folders, which every file system can hold and tell apart."""

import re
from collections.abc import Sequence

_LOWER = "lower_"
_CODE = re.compile(r"U\+([0-9A-F]{4,5})")


def folder_name(name: str, classes: Sequence[str]) -> str:
    """Return the name of the folder of a class of a model.

    Words, digits and letters stay. A small letter is `lower_a` if the model also has its capital, because macOS and
    Windows do not tell them apart. Any other single character is its code, such as `U+002C`.
    """
    if len(name) > 1:
        return name
    if not name.isalnum():
        return f"U+{ord(name):04X}"
    return _LOWER + name if name.islower() and name.upper() in classes else name


def class_of_folder(folder: str) -> str:
    """Return the class of a folder, the reverse of `folder_name`."""
    letter = folder.removeprefix(_LOWER)
    if len(letter) == 1 and letter.islower():
        return letter
    match = _CODE.fullmatch(folder)
    return chr(int(match[1], 16)) if match else folder
