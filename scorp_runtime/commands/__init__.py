"""The commands of `scorp-gen`, one module each: its options, and what it does. Heavy imports wait inside `run`."""
