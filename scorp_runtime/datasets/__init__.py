"""Virtual datasets, datasets on disk, and the workers that write them."""
