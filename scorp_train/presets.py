"""Recipes by name: what they set beside the defaults. An option on the command line has the last word."""

from typing import Any

DEFAULT = "digits"

PRESETS: dict[str, dict[str, Any]] = {
    # The released digits: the defaults are its recipe.
    "digits": {},
    # Digits and capitals: seven capitals in eight are variants of real ones, digits are seen twice as often.
    "letters": {"data": "letters", "name": "letters", "variants": 3_000, "epochs": 28},
    # A first look in a quarter of the time: right, but less sharp.
    "sketch": {"epochs": 10},
}
