"""Format `tesseract`: pairs of PNG and text files, as tesstrain reads them to train Tesseract."""

from .labels import LabelFormat


class TesseractFormat(LabelFormat):
    """Files `<index>.png`, `<index>.gt.txt` and, for other readers, `lines.txt`."""

    page_files = (
        "`<index>.png` and `<index>.gt.txt`; `lines.txt` with the file name, a tab and the text of each page"
    )
    label_file = "lines.txt"
    text_files = True


FORMAT = TesseractFormat()
