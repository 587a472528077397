"""The agent's own drill under the unit's confinement: a booted machine, a target that is a folder, and a month that has passed."""
import json

from conftest import needs_root
from test_systemd import machine  # noqa: F401 (a fixture)
from world import wait_for

FOLDER = '/var/lib/pic-backups'
DROP_IN = f'[Service]\nReadWritePaths={FOLDER}\n'
LONG_AGO = '2026-01-01T00:00:00Z'


@needs_root
def test_the_agents_own_drill(machine):  # noqa: F811
    machine.wait_up()
    machine.say('pic', 'init', '--name', 'home', '--endpoint', 'home.example.org:51820')
    machine.say('mkdir', '-m', '700', FOLDER, '/etc/systemd/system/picd.service.d')
    machine.say('systemctl', 'enable', '--now', 'picd')
    machine.say('pic', 'peer', 'add', 'anna', '--access', 'internet')
    machine.say('pic', 'dns', 'record', 'add', 'printer', '--addresses', '192.168.1.7')
    machine.say('pic', 'cert', 'issue', 'nas')
    machine.say('pic', 'target', 'add', 'disk', '--url', FOLDER, '--plain', 'yes', '--every', '1d')

    def target():
        return json.loads(machine('pic', '--json', 'backup', 'status').stdout)['targets'][0]
    # the unit keeps it out of there, and it says what to do about that
    assert f'ReadWritePaths={FOLDER}' in wait_for(lambda: target()['state'] == 'failed' and target()['hint'], 30, 'a refusal')
    machine.say('sh', '-c', f'printf "{DROP_IN}" >/etc/systemd/system/picd.service.d/backups.conf; systemctl daemon-reload; systemctl restart picd')
    machine.say('pic', 'backup', 'run', 'disk')
    wait_for(lambda: target()['state'] == 'ok', 30, 'a backup')
    assert target()['drill']['at'] is None
    world = machine.say('sh', '-c', 'ip -br addr; ip rule; nft list ruleset | sed "s/packets [0-9]* bytes [0-9]*//"; wg show pic0 peers')
    # a month passes in the agent's absence
    machine.say('systemctl', 'stop', 'picd')
    known = json.loads(machine.say('cat', '/var/lib/pic/targets.json'))
    known[0]['since'] = known[0]['drill']['done'] = known[0]['drill']['tried'] = LONG_AGO
    known[0]['drill']['good'] = True
    machine.say('sh', '-c', f"cat >/var/lib/pic/targets.json <<'X'\n{json.dumps(known)}\nX")
    machine.say('systemctl', 'start', 'picd')
    pid = machine.say('systemctl', 'show', '-p', 'MainPID', '--value', 'picd').strip()
    told = wait_for(lambda: (d := target()['drill']) and (d['at'] or '') > '2026-02' and d, 60, 'the drill')
    assert told['restorable'] and told['error'] is None, told
    checks = {c['check']: c for c in told['report']['checks']}
    assert {c['state'] for c in checks.values()} <= {'ok', 'skipped'} and '1 of 1' in checks['peers']['text'], checks
    assert checks['rules']['state'] == checks['routes']['state'] == checks['names']['state'] == checks['end']['state'] == 'ok', checks
    # it was done by who is confined so: and neither the agent nor what it made is another
    assert machine.say('systemctl', 'show', '-p', 'MainPID', '--value', 'picd').strip() == pid
    status = machine.say('cat', f'/proc/{pid}/status')
    assert 'NoNewPrivs:\t1' in status and 'Seccomp:\t2' in status
    assert machine.say('systemctl', 'show', '-p', 'ProtectSystem,PrivateTmp', 'picd').split() == ['PrivateTmp=yes', 'ProtectSystem=strict']
    assert machine.say('sh', '-c', 'ip -br addr; ip rule; nft list ruleset | sed "s/packets [0-9]* bytes [0-9]*//"; wg show pic0 peers') == world
    assert machine('sh', '-c', 'ls -d /dev/shm/pic-drill-* /var/tmp/systemd-private-*-picd*/tmp/pic-drill-*').stdout == ''
    assert machine('pgrep', '-x', 'pic-drill|pic-keep').returncode != 0
    assert 'is restorable' in json.loads(machine.say('pic', '--json', 'audit', 'list', '--verb', 'drill'))[0]['text']
    machine.power_off()
