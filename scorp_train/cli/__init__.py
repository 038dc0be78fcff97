"""The commands `scorp-train`, `scorp-eval` and `scorp-export`."""
