"""The faults that depend on the outer side, with two of them."""
import pytest
import scenarios
from cell import Cell, needs_exits
from net import needs_root

pytestmark = [needs_root, needs_exits]


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Cell(tmp_path_factory.mktemp('dual'), dual=True) as cell:
        yield cell.make()


@pytest.mark.parametrize('phase', scenarios.chosen('dual'), ids=lambda p: p.__name__)
def test_leaks(w, phase):
    scenarios.play(w, phase)
