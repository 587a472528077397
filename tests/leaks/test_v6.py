"""The faults that depend on how far ends are reached, by IPv6."""
import pytest
import scenarios
from cell import Cell, needs_exits
from net import needs_root

pytestmark = [needs_root, needs_exits]


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Cell(tmp_path_factory.mktemp('v6'), family=6) as cell:
        yield cell.make()


@pytest.mark.parametrize('phase', scenarios.chosen('v6'), ids=lambda p: p.__name__)
def test_leaks(w, phase):
    scenarios.play(w, phase)
