"""Whether an answer was proved: a root of our own, signed, in the internet of the scene; the cell believes its key and no other. What is right, wrong, worn out and not signed
is told so, with the reason, and devices are given what they may have."""
import json
import shutil
import subprocess

import pytest
from conftest import BIN, needs_root
from world import World, wait_for

pytestmark = needs_root
FAR, KEY, TRUSTED = '203.0.113.254', '/usr/share/dns/root.key', '/etc/ssl/certs/ca-certificates.crt'
ZONES = {'root.zone': '. 60 IN SOA ns.example. a. 1 1 1 1 60\n. 60 IN NS ns.example.\nns.example. 60 IN A 203.0.113.254\ngood.example. 60 IN A 198.51.100.7\n'
                      'bad.example. 60 IN A 198.51.100.8\nold.example. 60 IN A 198.51.100.6\nplain. 60 IN NS ns.example.\n',
         'plain.zone': 'plain. 60 IN SOA ns.example. a. 1 1 1 1 60\nplain. 60 IN NS ns.example.\nname.plain. 60 IN A 198.51.100.9\n'}
SIGN = '''set -e
k=$(ldns-keygen -a ECDSAP256SHA256 -k .); z=$(ldns-keygen -a ECDSAP256SHA256 .); cp $k.key root.key
awk '{print "trust-anchors { . static-ds", $4, $5, $6, "\\"" $7 "\\"; };"}' $k.ds >anchors
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.pem -subj /CN=dot.example -addext subjectAltName=DNS:dot.example -days 2
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
        (w.tmp / 'nsd.conf').write_text(f'server:\n ip-address: {FAR}@53\n ip-address: {FAR}@853\n tls-port: 853\n tls-service-key: {w.tmp}/tls.key\n tls-service-pem: {w.tmp}/tls.pem\n zonesdir: "{w.tmp}"\n username: ""\n database: ""\n zonelistfile: "{w.tmp}/zl"\n xfrdfile: "{w.tmp}/xf"\n'
                                        f' pidfile: "{w.tmp}/nsd.pid"\n rrl-ratelimit: 0\nzone:\n name: .\n zonefile: root.zone.signed\nzone:\n name: plain\n zonefile: plain.zone\n')
        w.spawn(w.inet, 'nsd', '-d', '-c', w.tmp / 'nsd.conf', stderr=open(w.tmp / 'nsd.out', 'w'))
        wait_for(lambda: '198' in w.sh(w.inet, f'dig +short +time=1 +tries=1 @{FAR} good.example', check=False).stdout, 10, 'nsd')
        w.pic('cell', 'set', '--upstreams', FAR)
        # our key and certificate in place of the machine's, for this agent alone: `ip netns exec` makes a mount namespace
        w.spawn(w.cellns, 'sh', '-c', f'mount --bind {w.tmp}/root.key {KEY} && mount --bind {w.tmp}/tls.pem {TRUSTED} && exec {BIN}/picd --dir {w.pic.dir}', stdout=open(w.tmp / 'picd.out', 'a'), stderr=subprocess.STDOUT)
        w.pic('status', '--wait', '20s')
        w.a = w.peer('anna', '--access', 'internet')
        yield w


def query(w, name, *more):
    done = w.pic.run('--json', 'dns', 'query', name, *more)
    return json.loads(done.stdout), w.pic.run('dns', 'query', name, *more).stdout


@pytest.mark.parametrize('name, status, signed, reason, words', [
    ('good.example', 'NOERROR', 'validated', None, 'its signatures are right'),
    ('bad.example', 'SERVFAIL', 'bogus', 'a signature is wrong', 'there is an answer, but its signatures are wrong'),
    ('old.example', 'SERVFAIL', 'bogus', 'a signature has expired', 'its signatures are wrong'),
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


def proved(w, name):
    """What a device finds by itself, with programs that are not of this project, over each way to the cell: delv proves from the root's key on, kdig sees the flag."""
    told = []
    for at in ('10.20.0.1', 'fd20::1'):
        told.append(w.a.sh(f'cd {w.tmp} && delv @{at} -a anchors +root=. {name} 2>&1', check=False).stdout)
    flags = {'; ad' in line or ' ad;' in line for at in ('10.20.0.1', 'fd20::1', '10.20.0.1 +tcp', 'fd20::1 +tcp')
             for line in w.a.sh(f'kdig @{at} +dnssec +timeout=3 +retry=0 {name}').split('\n') if line.startswith(';; Flags')}
    return told, flags


@pytest.mark.parametrize('name, word, flag', [('good.example', '; fully validated', True), ('bad.example', 'resolution failed', False), ('old.example', 'resolution failed', False),
                                              ('name.plain', '; unsigned answer', False)])
def test_a_device_proves_it_itself(world, name, word, flag):
    told, flags = proved(world, name)
    assert all(word in t for t in told) and flags == {flag}, (told, flags)


def test_upstream_by_tls(world):
    """DNS over TLS with a pinned name: all that leaves for the upstream is TLS; who bears another name is asked nothing."""
    w = world
    assert '198.51.100.7' in w.sh(w.inet, f'kdig @{FAR} +tls-hostname=dot.example +tls-ca={w.tmp}/tls.pem +short +timeout=3 good.example')
    w.pic('cell', 'set', '--upstreams', f'{FAR}@853#dot.example')
    w.pic('dns', 'flush')
    seen = w.spawn(w.inet, 'tcpdump', '-nni', 'cell0', '-l', '--immediate-mode', f'host {FAR} and (port 53 or port 853)', stdout=open(w.tmp / 'seen', 'w'), stderr=open(w.tmp / 'seen.err', 'w'))
    wait_for(lambda: 'listening' in (w.tmp / 'seen.err').read_text(), 5, 'tcpdump')
    for name, wanted in (('good.example', '198.51.100.7'), ('name.plain', '198.51.100.9'), ('bad.example', '')):
        for at in ('10.20.0.1', 'fd20::1'):
            told = w.a.sh(f'kdig @{at} +timeout=4 +retry=0 {name}')
            assert (wanted or 'SERVFAIL') in told, (told, (w.tmp / 'cell/log/unbound.log').read_text()[-1000:])
    w.pic('cell', 'set', '--upstreams', f'{FAR}@853#other.example')
    w.pic('dns', 'flush')
    assert 'SERVFAIL' in w.a.sh('kdig @10.20.0.1 +timeout=4 +retry=0 good.example')
    seen.terminate()
    seen.wait()
    lines = (w.tmp / 'seen').read_text().split('\n')
    assert any(f'{FAR}.853' in line for line in lines) and not any(f'{FAR}.53 ' in line or f'{FAR}.53:' in line for line in lines), lines[:20]
    w.pic('cell', 'set', '--upstreams', FAR)
