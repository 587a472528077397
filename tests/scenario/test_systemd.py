"""The units: ready notification, offline checks, and a boot of this machine's own Debian in a container over a throw-away overlay."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import textwrap

import pytest
from conftest import BIN, TOP, Pic, needs_root
from world import wait_for


@pytest.fixture(scope='module')
def prefix(tmp_path_factory):
    """An installed package; systemd's checks want the programs that units name to be there."""
    where = tmp_path_factory.mktemp('prefix')
    subprocess.run(['cmake', '--install', TOP / 'build/release', '--prefix', where], check=True, capture_output=True)
    return where


@pytest.mark.parametrize('abstract', [False, True])
def test_picd_says_when_it_is_ready(pic, tmp_path, abstract):
    path = f'@picd-ready-{os.getpid()}' if abstract else str(tmp_path / 'notify')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path.replace('@', '\0'))
        listener.settimeout(20)
        picd = subprocess.Popen([BIN / 'picd', '--dir', pic.dir, '--world', 'fake'], env={**os.environ, 'NOTIFY_SOCKET': path},
                                stderr=subprocess.DEVNULL)
        try:
            assert listener.recv(100) == b'READY=1'
            assert pic.json('status')['agent']['pid'] == picd.pid  # it answers as soon as it said so
            picd.terminate()
            assert listener.recv(100) == b'STOPPING=1'
        finally:
            picd.terminate()
            assert picd.wait(20) == 0


def test_a_notify_socket_that_is_none(pic):
    """Nobody listens, or the name is none: the agent runs all the same."""
    for path in ('/nonexistent/socket', 'no-path', '@', '/' + 'x' * 200):
        picd = subprocess.Popen([BIN / 'picd', '--dir', pic.dir, '--world', 'fake'], env={**os.environ, 'NOTIFY_SOCKET': path},
                                stderr=subprocess.DEVNULL)
        try:
            assert wait_for(lambda: pic.json('status')['agent']['pid'] == picd.pid, 20)
        finally:
            picd.terminate()
            assert picd.wait(20) == 0


def test_units_are_right_offline(prefix):
    units = sorted((prefix / 'lib/systemd/system').glob('*.service'))
    assert [u.name for u in units] == ['pic-block.service', 'pic-http.service', 'picd.service']
    done = subprocess.run(['systemd-analyze', 'verify', '--man=no', *units], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == '', done.stderr
    for unit, most in ((units[0], 25), (units[1], 20), (units[2], 46)):  # exposure in tenths; 10.0 is a service without any bounds
        done = subprocess.run(['systemd-analyze', 'security', '--offline=true', f'--threshold={most}', unit], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    more = prefix / 'lib/systemd/system/picd.service.d'  # of a cell that sets the clock
    more.mkdir()
    shutil.copy(prefix / 'share/pic/clock.conf', more)
    done = subprocess.run(['systemd-analyze', 'verify', '--man=no', units[2]], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == '', done.stderr
    shutil.rmtree(more)
    for kind in ('sysusers', 'tmpfiles'):
        done = subprocess.run([f'systemd-{kind}', *(['--dry-run'] if kind == 'sysusers' else ['--create', '--root=/nonexistent']),
                               prefix / f'lib/{kind}.d/pic.conf'], capture_output=True, text=True)
        assert 'Unknown' not in done.stderr and 'nvalid' not in done.stderr, done.stderr


class Machine:
    """This machine's Debian, seen through an overlay whose upper side is memory, booted by systemd-nspawn without a network. All of it is
    in a mount namespace of its own, so it is gone with its process."""

    def __init__(self, tmp_path):
        self.stage, self.log = tmp_path / 'stage', tmp_path / 'console'
        self.stage.mkdir()
        script = textwrap.dedent(f'''
            mount -t tmpfs none {self.stage}; mount -t tmpfs none /run; cd {self.stage}; mkdir up work root
            mount -t overlay overlay -o lowerdir=/,upperdir=up,workdir=work root
            rm -rf root/etc/systemd/system/*.wants root/var/lib/pic root/usr/sbin/policy-rc.d
            ln -sfn /lib/systemd/system/multi-user.target root/etc/systemd/system/default.target
            tr -d - </proc/sys/kernel/random/uuid >root/etc/machine-id
            DESTDIR=$PWD/root cmake --install {TOP}/build/release --prefix /usr/local >/dev/null
            for boot in 1 2; do
                systemd-nspawn -D $PWD/root --register=no --keep-unit --private-network -b --console=pipe </dev/null
            done''')
        self.child = subprocess.Popen(['unshare', '-m', '--propagation', 'private', 'bash', '-ec', script], stdout=self.log.open('w'),
                                      stderr=subprocess.STDOUT, start_new_session=True)

    def wait_up(self):
        def leader():
            nspawn = self.children(self.child.pid, 'systemd-nspawn')
            return nspawn and self.children(nspawn, 'systemd')
        self.leader = wait_for(leader, 30, 'a booted machine')
        wait_for(lambda: self('systemctl', 'is-system-running').stdout.strip() in ('running', 'degraded'), 30, 'a booted machine')

    @staticmethod
    def children(pid, name):
        text = subprocess.run(['ps', '-o', 'pid=,comm=', '--ppid', str(pid)], capture_output=True, text=True).stdout
        return next((int(p) for p, comm in (line.split() for line in text.splitlines()) if comm == name), None)

    def __call__(self, *command, check=False):
        done = subprocess.run(['nsenter', '-t', str(self.leader), '-m', '-u', '-i', '-n', '-p', *command], capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, f'{command}: {done.stdout}{done.stderr}'
        return done

    def say(self, *command):
        return self(*command, check=True).stdout

    def power_off(self):
        gone = self.leader
        self('systemctl', 'poweroff')
        wait_for(lambda: not pathlib.Path(f'/proc/{gone}').exists(), 30, 'a machine that is off')

    def close(self):
        def below(pid):
            text = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(pid)], capture_output=True, text=True).stdout
            return [p for child in map(int, text.split()) for p in (child, *below(child))]
        os.kill(self.child.pid, signal.SIGSTOP)  # or it would begin the next boot
        for pid in below(self.child.pid):  # what is inside a container does not end with systemd-nspawn; it may be at its very beginning
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.child.kill()
        self.child.wait()


@pytest.fixture
def machine(tmp_path):
    if not shutil.which('systemd-nspawn') or not os.path.exists('/lib/systemd/systemd'):
        pytest.skip('systemd-nspawn or systemd is not there')
    it = Machine(tmp_path)
    try:
        yield it
    finally:
        it.close()


def when(machine, unit):
    return int(machine.say('systemctl', 'show', '-p', 'ActiveEnterTimestampMonotonic', '--value', unit))


def readme_lines():
    """What a newcomer types after `./dev install`, from the README's first screen."""
    block = re.search(r'For real.*?```sh\n(.*?)```', (TOP / 'README.md').read_text(), re.S)[1]
    lines = [line.split('#')[0].strip() for line in block.splitlines()]
    assert lines[0] == './dev install' and len(lines) == 4
    return lines[1:]


@needs_root
def test_the_readme_with_systemd(machine):
    machine.wait_up()
    said = [machine.say('sh', '-c', line) for line in readme_lines()]
    assert '▀' in said[2] and re.match(r'phone: 10\.', said[2])
    assert 'ready' in machine.say('pic', 'status') and machine.say('wg', 'show', 'pic0', 'peers').strip()
    machine.power_off()


@needs_root
def test_the_readme_without_systemd(prefix):
    """The same in a namespace that is thrown away, with the line that the README has for it."""
    init, _, add = readme_lines()
    start = re.search(r'Without systemd the third line is `(.*?)`', (TOP / 'README.md').read_text())[1]
    script = '\n'.join(['set -e', 'mount -t tmpfs none /var/lib', 'mount -t tmpfs none /run', 'ip link set lo up', init, start, add, 'pic status', 'pic down'])
    done = subprocess.run(['unshare', '-n', '-m', '--propagation', 'private', 'bash', '-c', script], capture_output=True, text=True, timeout=60,
                          env={**os.environ, 'PATH': f'{prefix}/bin:{prefix}/sbin:' + os.environ['PATH'], 'LC_ALL': 'C.UTF-8'})
    assert done.returncode == 0 and '▀' in done.stdout and 'ready' in done.stdout, done.stdout + done.stderr


# An owner at the page: what pic-http may not do under its unit (read the key, start programs, make namespaces) the agent does for it.
OWNER = """
import http.cookiejar, json, subprocess, time, urllib.request
jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
csrf = ''
def ask(method, path, body=None):
    global csrf
    headers = {'Content-Type': 'application/json', 'X-CSRF-Token': csrf}
    data = json.loads(jar.open(urllib.request.Request('http://127.0.0.1:3000' + path, json.dumps(body).encode() if body is not None else None, headers, method=method), timeout=100).read())
    csrf = data.get('csrf_token', csrf) if isinstance(data, dict) else csrf
    return data
code = subprocess.run(['pic', 'setup'], capture_output=True, text=True, check=True).stdout
import re
ask('POST', '/api/setup/code', {'code': re.search(r'([0-9A-Z]{4}-){2}[0-9A-Z]{4}', code)[0]})
ask('POST', '/api/setup/complete', {'username': 'admin', 'password': 'correct horse battery staple'})
ask('POST', '/api/backups/targets', {'name': 'disk', 'url': '/var/lib/pic-kept', 'passphrase': 'correct staple of May', 'every': 'never'})
ask('POST', '/api/backups', {'target': 'disk'})
def target():
    return ask('GET', '/api/backups')['targets'][0]
for _ in range(300):
    if target()['state'] in ('ok', 'failed'):
        break
    time.sleep(0.1)
assert target()['state'] == 'ok', target()
got = ask('POST', '/api/backups/fetch', {'target': 'disk'})
drill = ask('POST', '/api/backups/files/' + got['id'] + '/drill', {'passphrase': 'correct staple of May'})
print(json.dumps({'size': got['size'], 'drill': drill, 'cell': ask('POST', '/api/backups/files/' + got['id'] + '/show', {'passphrase': 'correct staple of May'})['cell']['name']}))
"""


@needs_root
def test_two_boots(machine):
    machine.wait_up()
    # the directory is pic's, the key root's; enabling one unit enables both
    assert machine.say('stat', '-c', '%U:%G %a', '/var/lib/pic').strip() == 'pic:pic 700'
    machine.say('pic', 'init', '--name', 'home', '--endpoint', 'home.example.org:51820')
    assert machine.say('stat', '-c', '%U %a %n', '/var/lib/pic/key', '/var/lib/pic/cell.db') == 'root 600 /var/lib/pic/key\npic 600 /var/lib/pic/cell.db\n'
    machine.say('systemctl', 'enable', 'picd')
    assert machine.say('systemctl', 'is-enabled', 'picd', 'pic-block').split() == ['enabled', 'enabled']
    # started means ready; the wishes of user pic are applied
    machine.say('systemctl', 'start', 'picd')
    assert 'ready' in machine.say('pic', 'status')
    machine.say('setpriv', '--reuid=pic', '--regid=pic', '--init-groups', 'pic', 'peer', 'add', 'anna', '--access', 'internet')
    assert 'PrivateKey' in machine.say('pic', 'peer', 'config', 'anna')
    # the web page came along, as user pic without any right
    wait_for(lambda: machine('curl', '-fs', 'http://127.0.0.1:3000/api/setup/status').returncode == 0, 20, 'the web page')
    assert '"complete":false' in machine.say('curl', '-fs', 'http://127.0.0.1:3000/api/setup/status')
    page = machine.say('systemctl', 'show', '-p', 'MainPID', '--value', 'pic-http').strip()
    assert machine.say('stat', '-c', '%U', f'/proc/{page}').strip() == 'pic' and 'CapEff:\t0000000000000000' in machine.say('cat', f'/proc/{page}/status')
    assert 'agent' in machine.say('setpriv', '--reuid=pic', '--regid=pic', '--init-groups', 'pic', 'log')
    assert 'allowed ips' in machine.say('wg', 'show', 'pic0')
    machine.say('sh', '-c', 'mkdir -p /var/lib/pic-kept /etc/systemd/system/picd.service.d; printf "[Service]\\nReadWritePaths=/var/lib/pic-kept\\n" '
                            '>/etc/systemd/system/picd.service.d/kept.conf; systemctl daemon-reload; systemctl restart picd; pic status --wait 20s')
    told = json.loads(machine.say('python3', '-c', OWNER))
    assert told['cell'] == 'home' and told['size'] > 0 and told['drill']['restorable'] and len(told['drill']['checks']) == 17, told
    # the machine's journal has the agent's log once, with its fields
    entries = [json.loads(line) for line in machine.say('journalctl', '-o', 'json', 'SYSLOG_IDENTIFIER=picd').splitlines()]
    shown = [e for e in entries if e.get('PIC_PEER') == 'anna']
    assert len(shown) == 1 and shown[0]['PRIORITY'] == '6' and shown[0]['PIC_AREA'] == 'engine' and shown[0]['_SYSTEMD_UNIT'] == 'picd.service', shown
    assert len([e for e in entries if e['MESSAGE'] == shown[0]['MESSAGE']]) == 1 and {'agent', 'engine'} <= {e.get('PIC_AREA') for e in entries}
    # and what its programs write, by their names, with the same fields
    def programs(name):
        return [json.loads(line) for line in machine.say('journalctl', '-o', 'json', f'SYSLOG_IDENTIFIER={name}', '_SYSTEMD_UNIT=picd.service').splitlines()]
    began = wait_for(lambda: [e for e in programs('unbound') if 'start of service' in e['MESSAGE']], 10, 'a line of unbound in the journal')
    assert began[0]['PIC_AREA'] == 'dns' and began[0]['PRIORITY'] == '6' and len(began) == 1 and not any('[' == e['MESSAGE'][0] for e in programs('unbound')), began
    # what hardening takes away did not break anything that the agent says about itself
    trouble = [line for line in machine('pic', 'doctor').stdout.splitlines() if line.startswith('error')]
    assert not trouble, trouble
    # restarted, killed: the children and the device stay
    assert 'front         serves' in machine.say('pic', 'front', 'status')
    children = machine.say('pgrep', '-x', 'unbound|wireguard-go|haproxy')
    machine.say('systemctl', 'restart', 'picd')
    machine.say('systemctl', 'kill', '-s', 'KILL', '--kill-who=main', 'picd')
    wait_for(lambda: machine.say('systemctl', 'show', '-p', 'NRestarts', '--value', 'picd').strip() == '1', 20, 'a restart by systemd')
    machine.say('pic', 'status', '--wait', '20s')
    assert machine.say('pgrep', '-x', 'unbound|wireguard-go|haproxy') == children
    assert len([e for e in programs('unbound') if 'start of service' in e['MESSAGE']]) == 1  # the next agent goes on where it is
    block = machine.say('cat', '/var/lib/pic/block.nft')
    machine.power_off()

    machine.wait_up()
    assert when(machine, 'pic-block.service') <= when(machine, 'network-pre.target')
    assert 'ready' in machine.say('pic', 'status') and 'blocked' not in machine.say('nft', 'list', 'table', 'inet', 'pic')
    # an agent that runs is not blocked by the unit; without rules the unit blocks; with a file that is not root's it does nothing
    machine.say('systemctl', 'restart', 'pic-block')
    assert 'blocked' not in machine.say('nft', 'list', 'table', 'inet', 'pic')
    machine.say('systemctl', 'stop', 'picd')
    machine.say('nft', 'delete', 'table', 'inet', 'pic')
    machine.say('systemctl', 'restart', 'pic-block')
    assert 'blocked' in machine.say('nft', 'list', 'table', 'inet', 'pic') and 'blocked' in block
    machine.say('nft', 'delete', 'table', 'inet', 'pic')
    machine.say('chown', 'pic', '/var/lib/pic/block.nft')
    machine.say('systemctl', 'restart', 'pic-block')
    assert machine('nft', 'list', 'table', 'inet', 'pic').returncode != 0
    machine.say('chown', 'root', '/var/lib/pic/block.nft')
    machine.say('systemctl', 'start', 'picd')
    machine.say('pic', 'down')
    wait_for(lambda: machine.say('systemctl', 'show', '-p', 'ActiveState', '--value', 'picd').strip() == 'inactive', 20, 'an agent that stays down')
    assert machine('nft', 'list', 'table', 'inet', 'pic').returncode != 0 and machine('test', '-e', '/var/lib/pic/block.nft').returncode != 0
    assert machine('pgrep', '-x', 'unbound|wireguard-go').returncode != 0
    machine.power_off()
