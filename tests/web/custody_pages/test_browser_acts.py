"""The acts that the front end's tests must write byte for byte are what Python writes now."""

import json

from browser_acts import FILE, written


def test_the_acts_of_the_front_ends_tests_are_what_python_writes():
    assert json.loads(FILE.read_text()) == written(), "python tests/…/browser_acts.py writes it"
