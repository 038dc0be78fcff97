"""The default model. Read `recipe.py` first, then `networks.py` and `mixture.py`."""
