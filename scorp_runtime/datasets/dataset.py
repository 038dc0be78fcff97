"""The public dataset: images by position, with views for the common frameworks."""

from typing import Any

from scorp_runtime.errors import RequestError, shown
from scorp_runtime.sampling import philox

from .virtual import VirtualDataset

_MOST_PARTS = 1_000_000  # Hugging Face keeps a list of them


class Dataset(VirtualDataset):
    """Images of one request as a sequence, with views for PyTorch, TensorFlow and Hugging Face.

    See `VirtualDataset` for items, slices and batches.
    """

    def torch(self) -> Any:
        """Return a `torch.utils.data.Dataset` of float32 tensors (1, H, W), 0 to 1, and labels; needs torch.

        A `DataLoader` returns the same batches with any number of workers. The images need no shuffling.
        """
        from .frameworks.torch_dataset import TorchDataset

        return TorchDataset(self)

    def tf(self, batch_size: int = 256) -> Any:
        """Return a `tf.data.Dataset` of images, uint8 (H, W), and labels, int64; needs tensorflow.

        `batch_size` images are drawn together; the elements are single images.
        """
        size = philox.read_positive("batch_size", batch_size)
        from .frameworks.tensorflow_dataset import tensorflow_dataset

        return tensorflow_dataset(self, size)

    def hf(self, shards: int = 64) -> Any:
        """Return a Hugging Face `datasets.IterableDataset`; needs datasets.

        Its columns are `image`, `label` (a `ClassLabel`), `seed`, `index`, `writer` (if there is one) and the knobs.
        Up to `shards` workers and nodes can share it.
        """
        parts = philox.read_positive("shards", shards)
        if parts > _MOST_PARTS:
            raise RequestError(f"shards must be at most {_MOST_PARTS}, not {shown(parts)}")
        from .frameworks.huggingface_dataset import huggingface_dataset

        return huggingface_dataset(self, parts)
