"""Format `dtrb`: PNG files and a label file for deep-text-recognition-benchmark."""

from .labels import LabelFormat


class DtrbFormat(LabelFormat):
    """Files `<index>.png` and `gt.txt`."""

    page_files = "`<index>.png`, and `gt.txt` with the file name, a tab and the text of each page"
    label_file = "gt.txt"


FORMAT = DtrbFormat()
