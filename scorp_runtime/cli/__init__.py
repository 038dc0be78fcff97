"""The commands of `scorp-gen`, one module each: its options, and what it does. Heavy imports wait inside `run`.

`draw` has no name on the command line. Each module has `USAGE` and `EXAMPLES` for its help, and may name in `SHORT` the
groups of options that `-h` shows; by default all.
"""

COMMANDS = ("text", "info", "check", "verify", "bench", "serve")
"""Those with a name."""
