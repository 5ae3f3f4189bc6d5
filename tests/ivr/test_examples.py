"""The examples in docstrings are true."""

import doctest

import pytest

from ivr import orders, placeholders
from ivr.steps import question
from ivr.twilio import form, twiml


@pytest.mark.parametrize("module", [orders, placeholders, question, form, twiml], ids=lambda module: module.__name__)
def test_the_examples_of_a_module_are_true(module):
    assert doctest.testmod(module).attempted > 0
    assert doctest.testmod(module).failed == 0
