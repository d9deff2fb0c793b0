"""Decide what an agreement allows: by Cedar, in bulk over arrays, and proved by two solvers."""
