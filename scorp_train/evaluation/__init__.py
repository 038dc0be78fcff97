"""The measurements and reports of `scorp-eval`."""
