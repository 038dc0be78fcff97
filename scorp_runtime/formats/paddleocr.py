"""Format `paddleocr`: PNG files and a label file for text recognition with PaddleOCR."""

from .labels import LabelFormat


class PaddleOcrFormat(LabelFormat):
    """Files `<index>.png` and `rec_gt.txt`."""

    page_files = "`<index>.png`, and `rec_gt.txt` with the file name, a tab and the text of each page"
    label_file = "rec_gt.txt"


FORMAT = PaddleOcrFormat()
