"""Atomic writes, advisory locks, bounded reads and optional imports."""
