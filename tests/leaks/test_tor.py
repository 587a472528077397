"""Tor, by a network of its own: three authorities that are relays. It is slower to come back than all others, so it has its own world."""
import pytest
import scenarios
from cell import Cell, needs_exits
from net import needs_root

pytestmark = [needs_root, needs_exits]


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Cell(tmp_path_factory.mktemp('tor'), slow=4) as cell:
        yield cell.make(exits=['wg', 'tor'], groups=('onion',))


@pytest.mark.parametrize('phase', scenarios.chosen('tor'), ids=lambda p: p.__name__)
def test_leaks(w, phase):
    scenarios.play(w, phase)
