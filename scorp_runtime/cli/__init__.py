"""The commands of `scorp-gen`, one module each: `draw` (which has no name on the command line) and `COMMANDS`.

The module of a command has `USAGE`, `EXAMPLES`, `add_options` and `run`. It may list in `SHORT` the option groups that
`-h` shows. `draw` and `text` import heavy modules inside `run`, so that their help is fast.
"""

COMMANDS = ("text", "info", "check", "verify", "bench", "serve")
"""The named commands."""
