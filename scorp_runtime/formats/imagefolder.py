"""Format `imagefolder`: PNG files and `metadata.jsonl`, as `load_dataset("imagefolder")` of Hugging Face reads them."""

import json
from collections.abc import Sequence

from .labels import LabelFormat


class ImageFolderFormat(LabelFormat):
    """Files `<index>.png` and `metadata.jsonl`. Unlike CSV, JSON keeps texts such as `007` and `NA`."""

    page_files = "`<index>.png`, and `metadata.jsonl` with the file name and the text of each page"
    data_files = ("*.png", "metadata.jsonl")
    label_file = "metadata.jsonl"
    one_line = False

    def line(self, file_name: str, text: str) -> str:
        return json.dumps({"file_name": file_name, "text": text}, ensure_ascii=False)

    def read_line(self, line: str) -> Sequence[str]:
        entry = json.loads(line)
        return str(entry["file_name"]), str(entry["text"])


FORMAT = ImageFolderFormat()
