"""The public dataset: images by position, with views for the common frameworks."""

from typing import Any

from scorp_runtime.errors import RequestError, short_repr
from scorp_runtime.sampling import philox

from .virtual import VirtualDataset

_MOST_PARTS = 1_000_000  # of a Hugging Face dataset: each is an entry of a list


class Dataset(VirtualDataset):
    """Images of one request as a sequence, with views for PyTorch, TensorFlow and Hugging Face.

    See `VirtualDataset` for items, slices and batches.
    """

    def torch(self) -> Any:
        """Return a `torch.utils.data.Dataset` of float32 tensors (1, H, W), 0 to 1, and labels; needs torch.

        With a `DataLoader` every picture comes once and in the same order, however many workers there are. The
        pictures need no shuffling; `shuffle=True` would draw them one by one.
        """
        from .frameworks.torch_dataset import TorchDataset

        return TorchDataset(self)

    def tf(self, batch_size: int = 256) -> Any:
        """Return a `tf.data.Dataset` of pictures, uint8 (H, W), and labels, int64; needs tensorflow.

        Args:
            batch_size: how many pictures are drawn at a time; the dataset's elements are single pictures.
        """
        size = philox.read_positive("batch_size", batch_size)
        from .frameworks.tensorflow_dataset import tensorflow_dataset

        return tensorflow_dataset(self, size)

    def hf(self, shards: int = 64) -> Any:
        """Return a `datasets.IterableDataset` of Hugging Face; needs datasets.

        Its columns are `image`, `label` (a `ClassLabel`), `seed`, `index`, the `writer`, if one was asked for, and the
        knobs.

        Args:
            shards: into how many parts it can be split among workers and nodes.
        """
        parts = philox.read_positive("shards", shards)
        if parts > _MOST_PARTS:
            raise RequestError(f"shards must be at most {_MOST_PARTS}, not {short_repr(parts)}")
        from .frameworks.huggingface_dataset import huggingface_dataset

        return huggingface_dataset(self, parts)
