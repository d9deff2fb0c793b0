"""Benchmarks: each answers a named question; `make bench` writes their figures into the docs."""
