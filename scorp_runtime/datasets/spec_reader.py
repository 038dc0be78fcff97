"""The kinds of spec of a dataset, told apart."""

from collections.abc import Mapping

from .spec import DatasetSpec


def read_spec(document: object) -> DatasetSpec:
    """Read what `DatasetSpec.to_json` returned: of pages if it has a text, else of pictures.

    Raises:
        ValueError: if it is something else.
    """
    if isinstance(document, Mapping) and "text" in document:
        from .page_spec import PageSpec

        return PageSpec.from_json(document)
    from .image_spec import PictureSpec

    return PictureSpec.from_json(document)
