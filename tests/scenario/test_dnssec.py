"""Whether an answer was proved: a root of our own, signed, in the internet of the scene; the cell believes its key and no other. What is right, wrong, worn out and not signed
is told so, with the reason as far as the name server says one, and devices are given what they may have."""
import json
import shutil
import subprocess

import pytest
from conftest import BIN, needs_root
from world import World, wait_for

pytestmark = needs_root
FAR, KEY = '203.0.113.254', '/usr/share/dns/root.key'
ZONES = {'root.zone': '. 60 IN SOA ns.example. a. 1 1 1 1 60\n. 60 IN NS ns.example.\nns.example. 60 IN A 203.0.113.254\ngood.example. 60 IN A 198.51.100.7\n'
                      'bad.example. 60 IN A 198.51.100.8\nold.example. 60 IN A 198.51.100.6\nplain. 60 IN NS ns.example.\n',
         'plain.zone': 'plain. 60 IN SOA ns.example. a. 1 1 1 1 60\nplain. 60 IN NS ns.example.\nname.plain. 60 IN A 198.51.100.9\n'}
SIGN = '''set -e
k=$(ldns-keygen -a ECDSAP256SHA256 -k .); z=$(ldns-keygen -a ECDSAP256SHA256 .); cp $k.key root.key
ldns-signzone -i 20190101 -e 20200101 -f expired -o . root.zone $z $k; ldns-signzone -o . root.zone $z $k
sed -i 's/198.51.100.8/198.51.100.18/; /^old.example.*RRSIG[[:space:]]A /d' root.zone.signed
grep '^old.example.*RRSIG[[:space:]]A ' expired >>root.zone.signed
'''


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    if not all(shutil.which(p, path='/usr/sbin:/usr/bin') for p in ('nsd', 'ldns-keygen', 'ldns-signzone')):
        pytest.skip('nsd or ldnsutils is not here')
    with World(tmp_path_factory.mktemp('dnssec')) as w:
        w.scene()
        for name, text in ZONES.items():
            (w.tmp / name).write_text(text)
        subprocess.run(['sh', '-c', SIGN], cwd=w.tmp, check=True, capture_output=True)
        (w.tmp / 'nsd.conf').write_text(f'server:\n ip-address: {FAR}\n zonesdir: "{w.tmp}"\n username: ""\n database: ""\n zonelistfile: "{w.tmp}/zl"\n xfrdfile: "{w.tmp}/xf"\n'
                                        f' pidfile: "{w.tmp}/nsd.pid"\n rrl-ratelimit: 0\nzone:\n name: .\n zonefile: root.zone.signed\nzone:\n name: plain\n zonefile: plain.zone\n')
        w.spawn(w.inet, 'nsd', '-d', '-c', w.tmp / 'nsd.conf', stderr=open(w.tmp / 'nsd.out', 'w'))
        wait_for(lambda: '198' in w.sh(w.inet, f'dig +short +time=1 +tries=1 @{FAR} good.example', check=False).stdout, 10, 'nsd')
        w.pic('cell', 'set', '--upstreams', FAR)
        # our key in place of the machine's, for this agent alone: `ip netns exec` makes a mount namespace
        w.spawn(w.cellns, 'sh', '-c', f'mount --bind {w.tmp}/root.key {KEY} && exec {BIN}/picd --dir {w.pic.dir}', stdout=open(w.tmp / 'picd.out', 'a'), stderr=subprocess.STDOUT)
        w.pic('status', '--wait', '20s')
        w.a = w.peer('anna', '--access', 'internet')
        yield w


def query(w, name, *more):
    done = w.pic.run('--json', 'dns', 'query', name, *more)
    return json.loads(done.stdout), w.pic.run('dns', 'query', name, *more).stdout


@pytest.mark.parametrize('name, status, signed, reason, words', [
    ('good.example', 'NOERROR', 'validated', None, 'its signatures are right'),
    ('bad.example', 'SERVFAIL', 'bogus', None, 'there is an answer, but its signatures are wrong'),
    ('old.example', 'SERVFAIL', 'bogus', None, 'its signatures are wrong'),
    ('name.plain', 'NOERROR', 'no', None, 'not signed'),
    ('nobody.example', 'NXDOMAIN', 'validated', None, 'NXDOMAIN'),
])
def test_verdict(world, name, status, signed, reason, words):
    w = world
    for who in ([], ['--as', 'anna']):
        told, text = query(w, name, *who)
        assert (told['status'], told['signed']) == (status, signed), told
        assert (told['reason'] is None) == (reason is None) and (reason or '') in (told['reason'] or ''), told
        assert words in text and ('reason' in text) == (reason is not None), text
    got = w.a.sh(f'dig +short +time=3 +tries=1 @10.20.0.1 {name}').split()
    assert bool(got) == (status == 'NOERROR'), 'a device is given what was proved, or cannot be'


def test_counted(world):
    counted = world.pic.json('dns', 'stats')
    assert counted['bogus'] >= 2 and counted['validated'] >= 1
