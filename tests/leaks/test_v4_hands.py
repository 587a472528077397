"""What people and signals do to the cell and its exits, by IPv4."""
import time

import pytest
import scenarios
from cell import Cell, needs_exits
from net import KINDS, needs_root, wait_for
from run import OUTSIDE

pytestmark = [needs_root, needs_exits]


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Cell(tmp_path_factory.mktemp('hands')) as cell:
        yield cell.make()


@pytest.mark.parametrize('phase', scenarios.chosen('hands'), ids=lambda p: p.__name__)
def test_leaks(w, phase):
    scenarios.play(w, phase)


def test_this_suite_can_fail(w):
    """Guard, tables and rules are taken away, and nobody is there to mend them: then each kind of packet of each device that is not for the cell itself is seen outside."""
    w.settle()
    w.kill_agent()
    w.sh(w.cellns, 'nft flush ruleset; for f in -4 -6; do while ip $f rule del protocol 112 2>/dev/null; do :; done; done', check=False)
    w.sh(w.cellns, 'nft -f -', stdin='table inet out { chain c { type nat hook postrouting priority 100; oifname "wan0" masquerade; }\n}')
    w.sh(w.cellns, 'conntrack -F')
    since = w.flush()

    def seen():
        return {(r.device, r.kind, r.family) for r in w.rows('wan', since) if r.cls in ('clear', 'name')}

    # what is for the cell itself stays there: its name server asks nobody
    wanted = {(d.number, kind, family) for d in w.talking for kind in KINDS if not kind.startswith('DNS_CELL') for family in (4, 6)}
    try:
        wait_for(lambda: seen() >= wanted, 15)
    finally:
        assert wanted - seen() == set(), 'all of it leaks'
    w.sh(w.cellns, 'nft delete table inet out')
    w.start()
    w.settle()
    since = w.flush()
    time.sleep(1)
    assert not [r for r in w.rows('wan', since) if r.device > 1 and r.cls in OUTSIDE], 'all is closed again'
