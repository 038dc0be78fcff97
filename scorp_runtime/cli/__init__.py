"""The commands of `scorp-gen`, one module each: `draw` (which has no name on the command line) and `COMMANDS`.

The module of a command has `USAGE`, `EXAMPLES`, `add_options` and `run`; it imports heavy modules inside `run`. It may
list in `SHORT` the option groups that `-h` shows.
"""

COMMANDS = ("text", "info", "check", "verify", "bench", "serve")
"""The named commands."""
