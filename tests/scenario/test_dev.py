"""./dev as a newcomer uses it: help, `up` and `down` in namespaces, `up --host` in a network and a mount namespace that are thrown away."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.request

import pytest
from conftest import TOP, needs_root

VERBS = ['up', 'down', 'build', 'web', 'test', 'bench', 'fuzz', 'soak', 'lint', 'fmt', 'install', 'release', 'clean']


def dev(*args, **kw):
    return subprocess.run([TOP / 'dev', *args], capture_output=True, text=True, timeout=60, **kw)


def test_every_command_has_help():
    overview = dev('help').stdout
    assert re.findall(r'^  ([a-z]+)', overview, re.M) == VERBS
    for verb in VERBS:
        done = dev(verb, '--help')
        assert done.returncode == 0 and done.stdout.startswith(f'./dev {verb}'), verb
        assert len(re.findall(r'^\./dev', done.stdout, re.M)) == 1  # its own, not the next one's
    for wrong in (['nonsense'], ['nonsense', '--help'], ['up', '--bogus'], ['up', '--host', '--bogus'], ['down', '--host', '--bogus']):
        assert dev(*wrong, env={**os.environ, 'PIC_NO_APT': '1'}).returncode == 2, wrong


class Demo:
    def __init__(self, state):
        self.state, self.env = state, {**os.environ, 'PIC_DEMO_STATE': str(state)}

    def run(self, what):
        return subprocess.run([TOP / 'tests/demo' / what], capture_output=True, text=True, timeout=120, env=self.env)

    def noted(self):
        return dict(line.split('=', 1) for line in (self.state / 'names').read_text().split())


@pytest.fixture
def demo():
    """Where others than root come to: pytest's own folders are root's alone."""
    with tempfile.TemporaryDirectory(prefix='pic-dev-') as path:
        os.chmod(path, 0o755)
        it = Demo(pathlib.Path(path) / 'up')
        yield it
        it.run('down')


def ids(pid):
    return [line.split()[1:] for line in open(f'/proc/{pid}/status') if line.startswith(('Uid:', 'Gid:', 'CapBnd:'))]


def become_owner(page, code):
    """What the newcomer does next, at the page: its server, which is nobody in particular, has to come to the agent for it."""
    ask = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def post(path, body, csrf=None):
        head = {'Content-Type': 'application/json', **({'X-CSRF-Token': csrf} if csrf else {})}
        with ask.open(urllib.request.Request(page + path, json.dumps(body).encode(), head), timeout=20) as answer:
            return json.load(answer)

    opened = post('/api/setup/code', {'code': code})
    done = post('/api/setup/complete', {'username': 'owner', 'password': 'a long horse battery 7'}, opened['csrf_token'])
    assert done['user'] == 'owner', done
    with ask.open(f'{page}/api/status', timeout=20) as answer:
        assert json.load(answer)['agent']['pid'] > 0


def nothing_left(names):
    spaces = subprocess.run(['ip', 'netns'], capture_output=True, text=True).stdout
    sockets = os.listdir('/var/run/wireguard') if os.path.isdir('/var/run/wireguard') else []
    programs = subprocess.run(['ps', '-eo', 'args'], capture_output=True, text=True).stdout
    for name in (names['cell'], names['phone'], names['dev'], names['tun']):
        assert name not in spaces and name + '.sock' not in sockets and name not in programs, name
    return True


@needs_root
@pytest.mark.parametrize('how', ['plainly', 'after the agent was killed', 'after all was killed'])
def test_up_and_down(demo, how):
    tables = subprocess.run(['nft', 'list', 'tables'], capture_output=True, text=True).stdout
    done = demo.run('up')
    assert done.returncode == 0, done.stdout + done.stderr
    text, names = done.stdout, demo.noted()
    assert re.search(r'^handshake +\d\d:\d\d:\d\d$', text, re.M)
    assert re.search(r'^addresses +10\.\d+\.0\.2/32, fd[0-9a-f:]+::2/128$', text, re.M)
    assert len(re.findall(r'^IPv[46] +rtt min/avg/max', text, re.M)) == 2
    assert re.search(r'^name +phone\.home\.internal A 10\.\d+\.0\.2$', text, re.M) and re.search(r'AAAA fd[0-9a-f:]+::2$', text, re.M)
    assert '▀' in text and './dev down' in text and 'ready' in text
    page = re.search(r'^The web page: http://127\.0\.0\.1:(\d+)/ +setup code: [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$', text, re.M)
    with urllib.request.urlopen(f'http://127.0.0.1:{page[1]}/api/setup/status', timeout=10) as answer:
        assert b'"complete":false' in answer.read()
    become_owner(f'http://127.0.0.1:{page[1]}', re.search(r'setup code: (\S+)$', text, re.M)[1])
    user, group, caps = ids(names['http'])
    assert len({*user, *group}) == 1 and user[0] != '0' and caps == ['0' * 16]  # nobody in particular
    again = demo.run('up')
    assert again.returncode == 1 and './dev down' in again.stderr and demo.noted() == names
    if how != 'plainly':
        os.kill(int(names['picd']), 9)
    if how == 'after all was killed':
        for space in (names['cell'], names['phone']):
            for pid in subprocess.run(['ip', 'netns', 'pids', space], capture_output=True, text=True).stdout.split():
                os.kill(int(pid), 9)
    done = demo.run('down')
    assert done.returncode == 0 and nothing_left(names) and not demo.state.exists()
    assert subprocess.run(['nft', 'list', 'tables'], capture_output=True, text=True).stdout == tables
    assert demo.run('down').returncode == 0


@needs_root
def test_up_that_fails_cleans_up(demo):
    """The phone's end cannot be configured: whatever was made is taken away, and the exit status says so."""
    demo.env['PATH'] = f'{demo.state.parent}/bin:' + demo.env['PATH']
    (demo.state.parent / 'bin').mkdir()
    broken = demo.state.parent / 'bin/wg'
    broken.write_text('#!/bin/sh\nexit 1\n')
    broken.chmod(0o755)
    before = subprocess.run(['ip', 'netns'], capture_output=True, text=True).stdout
    done = demo.run('up')
    assert done.returncode != 0 and 'cleaned up' in done.stderr and not demo.state.exists()
    made = re.findall(r'picup\d+', done.stdout + done.stderr)
    after = subprocess.run(['ip', 'netns'], capture_output=True, text=True).stdout
    assert not [line for line in after.split() if line.startswith('picup') and line not in before.split()], made


HOST = r'''
mount -t tmpfs none /var/lib; mount -t tmpfs none /run; ip link set lo up
ip link add wan0 type veth peer name wan1; ip addr add 192.168.5.2/24 dev wan0; ip link set wan0 up; ip link set wan1 up
step() { echo "== $*"; "$@"; echo "-- $?"; }
step tests/demo/host up
ip route add default via 192.168.5.1
step tests/demo/host up
step tests/demo/host up
pid=$(cat /run/pic/agent.lock)
kill -9 "$pid"
step tests/demo/host up --endpoint home.example.org:51820
step build/release/bin/pic cell show
step tests/demo/host down
step tests/demo/host down
echo "links $(ip -br link | wc -l) tables $(nft list tables | wc -l) left $(ls -A /run/pic | tr '\n' ' ')"
'''


@needs_root
def test_up_on_the_host(tmp_path):
    done = subprocess.run(['unshare', '-n', '-m', '--propagation', 'private', 'bash', '-c', HOST], capture_output=True, text=True, timeout=120, cwd=TOP)
    steps = re.split(r'^== ', done.stdout, flags=re.M)[1:]
    status = [re.search(r'^-- (\d+)$', s, re.M)[1] for s in steps]
    assert status == ['1', '0', '0', '0', '0', '0', '0'], done.stdout + done.stderr
    assert '--endpoint' in done.stderr  # no way to guess without a default route
    assert '192.168.5.2:51820' in steps[1] and 'ready' in steps[1] and 'peer add phone' in steps[1]
    assert 'it runs already' in steps[2] and 'it runs already' not in steps[3]
    assert 'home.example.org:51820' in steps[4]
    assert 'links 3 tables 0 left agent.lock' in done.stdout
