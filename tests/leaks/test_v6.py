"""The faults that depend on how far ends are reached, by IPv6."""
import phases
import pytest
from cell import Cell, needs_exits
from net import needs_root

pytestmark = [needs_root, needs_exits]


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Cell(tmp_path_factory.mktemp('v6'), family=6) as cell:
        yield cell.make()


@pytest.mark.parametrize('phase', phases.chosen('v6', phases.OUTER), ids=lambda p: p.__name__)
def test_leaks(w, phase):
    phases.play(w, phase)
