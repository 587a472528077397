"""`pic update`: signed versions, tried with a copy of the cell, exchanged in one step, and back again when the cell is not well with them.
The newer version is this one under another number (its library says so), spoilt in ways that releases are."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest
from conftest import TOP, Pic, needs_root
from world import World, wait_for

OLD, NEW = '0.1.0', '0.1.1'
needs_minisign = pytest.mark.skipif(not shutil.which('minisign'), reason='needs minisign')
pytestmark = needs_minisign


def sh(*command, **kw):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, **kw).stdout


class Maker:
    """Who makes versions: a key, and a tree to begin with."""

    def __init__(self, where):
        self.where, self.count = where, 0
        self.key, self.public = where / 'maker.sec', where / 'maker.pub'
        sh('minisign', '-G', '-W', '-p', self.public, '-s', self.key)
        sh('cmake', '--install', TOP / 'build/release', '--prefix', where / 'tree')
        self.lighten(where / 'tree')

    @staticmethod
    def lighten(tree):
        """What no program needs to run: a version is made two dozen times here."""
        release, heavy = tree / 'share/pic/release', ('share/man/man3/', 'lib/libpic.a', 'include/', 'lib/cmake/', 'lib/pkgconfig/')
        lines = release.read_text().splitlines()
        for line in lines:
            if line.startswith(tuple(f'file {h}' for h in heavy)):
                (tree / line[5:]).unlink()
        release.write_text(''.join(f'{line}\n' for line in lines if not line.startswith(tuple(f'file {h}' for h in heavy))))

    def sign(self, file, key=None):
        sh('minisign', '-S', '-s', key or self.key, '-m', file)

    def make(self, version=NEW, spoil=None, sign=True):
        self.count += 1
        tree = self.where / f'tree{self.count}'
        shutil.copytree(self.where / 'tree', tree, symlinks=True)
        library = next(p for p in tree.rglob('libpic.so.*') if not p.is_symlink())
        library.write_bytes(library.read_bytes().replace(OLD.encode() + b'\0', version.encode() + b'\0'))
        release = tree / 'share/pic/release'
        release.write_text(release.read_text().replace(f'version {OLD}\n', f'version {version}\n'))
        if spoil:
            spoil(tree)
        file = self.where / f'pic-{version}-{self.count}.tar.zst'
        sh('tar', '-I', 'zstd -1', '-cf', file, '-C', tree, '.')
        shutil.rmtree(tree)
        if sign:
            self.sign(file)
        return file


def wrapper(program, script):
    """The program as a script of its own, which may go on to the real one."""
    def spoil(tree):
        path = next(tree.glob(f'*bin/{program}'))
        path.rename(path.with_name(f'{program}.real'))
        path.write_text(f'#!/bin/sh\nreal=$(dirname "$(readlink -f "$0")")/{program}.real\n{script}\n')
        path.chmod(0o755)
    return spoil


@pytest.fixture(scope='module')
def maker(tmp_path_factory):
    return Maker(tmp_path_factory.mktemp('maker'))


class House:
    """An installation below a prefix of its own, a cell, its agent."""

    def __init__(self, where, maker, world='fake'):
        self.where, self.maker, self.prefix = where, maker, where / 'prefix'
        shutil.copytree(maker.where / 'tree', self.prefix, symlinks=True)
        self.dir, self.world, self.agent = where / 'cell', world, None

    def command(self, *args):
        return [str(self.prefix / 'bin/pic'), '--dir', str(self.dir), '--world', self.world, *map(str, args)]

    def run(self, *args, **kw):
        return subprocess.run(self.command(*args), capture_output=True, text=True, timeout=120, env=self.env(), **kw)

    def env(self):
        """Whoever is started in this house says so, also an agent that an update started anew."""
        return {**os.environ, 'HOUSE': str(self.where)}

    def __call__(self, *args):
        done = self.run(*args)
        assert done.returncode == 0, f'pic {args}: {done.returncode}\n{done.stdout}\n{done.stderr}'
        return done.stdout

    def json(self, *args):
        return json.loads(self('--json', *args))

    def start(self):
        self.agent = subprocess.Popen([self.prefix / 'sbin/picd', '--dir', self.dir, '--world', self.world], start_new_session=True,
                                      stdout=open(self.where / 'picd.out', 'a'), stderr=subprocess.STDOUT, env=self.env())
        wait_for(lambda: self.json('status')['agent'], 20)

    def update(self, *args, **kw):
        return self.run('update', '--key', self.maker.public, '--wait', '4', *args, **kw)

    def who(self):
        agent = self.json('status')['agent']
        return agent and (agent['pid'], agent['version'])

    def files(self):
        """What stands where programs are looked for, and what is in it."""
        return {str(p.relative_to(self.prefix)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(self.prefix.glob('*bin/*'))}

    def close(self):
        for path in pathlib.Path('/proc').glob('[0-9]*/environ'):
            try:
                if f'HOUSE={self.where}\0'.encode() in path.read_bytes() + b'\0':
                    os.kill(int(path.parent.name), signal.SIGKILL)
            except OSError:
                pass
        if self.agent:
            self.agent.wait()


@pytest.fixture
def house(tmp_path, maker):
    h = House(tmp_path, maker)
    h('init', '--name', 'home', '--endpoint', 'home.example.org:51820', '--net4', '10.20.0.0/16', '--net6', 'fd20::/48')
    h('peer', 'add', 'phone', '--access', 'internet')
    h('dns', 'record', 'add', 'printer', '--addresses', '192.168.1.7')
    h.start()
    yield h
    h.close()


def test_forth_and_back(house, maker):
    pid, version = house.who()
    assert version == OLD
    checked = house.update('--check', maker.make())
    assert checked.returncode == 0 and checked.stdout == f'{NEW} can be installed over {OLD}\n', checked.stderr
    assert house.who() == (pid, OLD) and not (house.prefix / 'bin/pic').is_symlink()
    done = house.update(maker.make())
    assert done.returncode == 0, done.stderr
    assert house.agent.wait() == 0  # it was ended, not killed
    assert house.who()[1] == NEW and house('version').startswith(f'pic {NEW}')
    assert environ_of(house.who()[0])['HOUSE'] == str(house.where)  # as it was started before
    assert [p['name'] for p in house.json('peer', 'list')] == ['phone']
    assert os.readlink(house.prefix / 'lib/pic/current') == f'releases/{NEW}'
    before = house.where / 'cell.before-update.tar.zst'
    assert before.stat().st_mode & 0o777 == 0o600
    house('backup', 'verify', before)
    assert not (house.where / 'cell.update').exists() and not (house.prefix / 'lib/pic/update.state').exists()
    assert json.loads(house.update('--json', '--status').stdout) == {'version': NEW, 'former': OLD, 'way': 'release', 'cut_off': False}
    assert house.update('--back').returncode == 0
    assert house.who()[1] == OLD and house('version').startswith(f'pic {OLD}')
    third = house.update(maker.make('0.1.2', with_more))
    assert third.returncode == 0, third.stderr
    assert (house.prefix / 'bin/pic-more').read_text() == 'more\n'
    assert sorted(p.name for p in (house.prefix / 'lib/pic/releases').iterdir()) == [OLD, '0.1.2']  # this one and the one before it
    assert house.update('--back').returncode == 0
    assert not (house.prefix / 'bin/pic-more').is_symlink()


def with_more(tree):
    (tree / 'bin/pic-more').write_text('more\n')
    with (tree / 'share/pic/release').open('a') as file:
        file.write('file bin/pic-more\n')


def environ_of(pid):
    return dict(w.split('=', 1) for w in pathlib.Path(f'/proc/{pid}/environ').read_text().split('\0') if '=' in w)


def test_refused(house, maker, tmp_path):
    good, (pid, _), files = maker.make(), house.who(), house.files()
    stranger = tmp_path / 'stranger.sec'
    sh('minisign', '-G', '-W', '-p', tmp_path / 'stranger.pub', '-s', stranger)
    other = maker.make(sign=False)
    unsigned = house.update(other)
    maker.sign(other, stranger)
    flipped = maker.make()
    flipped.write_bytes(bytes([*flipped.read_bytes()[:5000], flipped.read_bytes()[5000] ^ 1]) + flipped.read_bytes()[5001:])
    arch = maker.make(spoil=lambda tree: replace(tree / 'share/pic/release', 'arch x86_64', 'arch sparc'))
    lacks = maker.make(spoil=lambda tree: (tree / 'sbin/picd').unlink())
    out = maker.make(spoil=lambda tree: (tree / 'share/pic/release').open('a').write('file ../../etc/passwd\n'))
    for done, why in ((unsigned, 'minisig'), (house.update(other), 'not signed with the key'), (house.update(flipped), 'not signed with the key'),
                      (house.update(maker.make(OLD)), 'the same'), (house.update(maker.make('0.0.9')), 'older'), (house.update(arch), 'sparc'),
                      (house.update(lacks), 'sbin/picd is not in it'), (house.update(out), 'damaged'), (house.update(tmp_path / 'none'), 'No such file'),
                      (house.run('update', '--key', tmp_path / 'none.pub', good), 'no file'), (house.update('http://127.0.0.1/x.tar.zst'), ''),
                      (house.update('--back'), 'the only one'), (house.update(tmp_path / 'pic.deb'), 'release')):
        assert done.returncode == 1 and why in done.stderr, (why, done.stderr)
    assert house.update('--back', good).returncode == 2 and house.update().returncode == 2 and house.update('--wait', '0', good).returncode == 2
    assert house.who() == (pid, OLD) and house.files() == files
    assert not (house.prefix / 'lib/pic/staged').exists() and not (house.prefix / 'lib/pic/current').is_symlink()


def replace(path, was, now):
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now))


def test_spoilt_before_it_counts(house, maker):
    """What the trial finds: nothing was exchanged, nothing was ended."""
    pid, files, said = house.who()[0], house.files(), []
    for spoil in (wrapper('picd', 'exit 3'), wrapper('pic', 'case "$*" in *export*) "$real" "$@" | sed s/printer/painter/;; *) exec "$real" "$@";; esac'),
                  lambda tree: next(p for p in tree.rglob('libpic.so.*') if not p.is_symlink()).write_bytes(b'\x7fELF'),
                  wrapper('pic', 'case "$*" in *restore*) exit 1;; *) exec "$real" "$@";; esac')):
        done = house.update('--json', maker.make(spoil=spoil))
        said.append(done.returncode == 1 and json.loads(done.stderr.splitlines()[-1])['message'])
        assert house.who() == (pid, OLD) and house.files() == files
        assert not (house.where / 'cell.update').exists()
    assert all(said) and 'does not come up' in said[0] and said[1].endswith('records, printer'), said


def test_the_trial_tells_and_sends_nothing(house, maker, tmp_path):
    """A folder's backup is due and older ones would have to go, and something is wrong that a webhook is to be told (a real listener): the copy does neither, however long it
    runs; the agent does it afterwards."""
    ear = socket.create_server(('127.0.0.1', 0))
    ear.setblocking(False)
    far, known = tmp_path / 'far', house.dir / 'targets.json'
    house('alert', 'add', 'hook', '--to', f'https://127.0.0.1:{ear.getsockname()[1]}/', '--events', 'backup,agent', '--window', '0', '--after', '0')
    house('target', 'add', 'disk', '--url', far, '--plain', 'yes', '--every', '5m', '--keep-last', '1', '--drill', 'never')
    wait_for(lambda: far.is_dir() and [n for n in os.listdir(far) if n.endswith('.zst')], 20, 'a backup')
    wait_for(lambda: known.exists() and '.tar.zst' in known.read_text(), 20, 'that it is known')
    house.agent.terminate()
    house.agent.wait()
    known.write_text(re.sub(r'"20[0-9][0-9]-[0-9T:-]*', '"2026-01-01T00:00:00', known.read_text()))  # so the next one is due for long
    before = sorted(os.listdir(far))
    slow = maker.make(spoil=wrapper('pic', 'case "$*" in *.update/*status*) sleep 4;; esac; exec "$real" "$@"'))
    done = house.update('--check', slow)
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(far)) == before, "the copy was at the cell's target"
    with pytest.raises(BlockingIOError):
        ear.accept()
    house.start()
    wait_for(lambda: (now := sorted(os.listdir(far))) != before and len(now) == 1, 20, "the cell's own")
    ear.close()


COPY = 'case "$*" in *.update/*) exec "$real" "$@";; esac\n'


@pytest.mark.parametrize('script', [
    COPY + 'exit 1',                     # does not come up
    COPY + 'exec sleep 600',             # comes up and does not answer
    COPY + 'sqlite3 "$2/cell.db" "PRAGMA user_version=99"; exit 1',  # and what it did to the store nobody else can read
], ids=['ends', 'hangs', 'spoils'])
def test_spoilt_where_it_counts(house, maker, script):
    done = house.update(maker.make(spoil=wrapper('picd', script)))
    assert done.returncode == 4 and f'version {OLD} goes on as before' in done.stderr, done.stderr
    assert house.who()[1] == OLD and house.json('status')['ready']
    assert [p['name'] for p in house.json('peer', 'list')] == ['phone']
    assert not (house.prefix / 'lib/pic/update.state').exists() and not (house.prefix / f'lib/pic/releases/{NEW}').exists()
    house('peer', 'add', 'tablet')
    house('audit', 'verify')


def test_killed_at_any_moment(house, maker):
    """After each line that it says, and a moment later: the programs are of one version, and going on ends with an agent that runs."""
    good = maker.make()
    for word in ('Trying', 'Putting', 'Starting', 'Looking whether'):
        child = subprocess.Popen(house.command('update', '--key', maker.public, '--wait', '8', good), stderr=subprocess.PIPE, text=True, env=house.env())
        assert next(line for line in child.stderr if line.startswith(word))
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert house('version').split()[1] in (OLD, NEW)
        done = house.update('--finish')
        assert done.returncode == 0, (word, done.stderr)
        version = house('version').split()[1]
        assert version == (OLD if word == 'Trying' else NEW if word != 'Putting' else version)
        wait_for(lambda: (house.who() or [0, 0])[1] == version, 20, f'an agent of {version} after {word}')
        if version == NEW:
            assert house.update('--back').returncode == 0
        house('audit', 'verify')


@needs_root
def test_a_device_does_not_notice(tmp_path, maker):
    """A real cell, a phone that asks fifty times a second: none is lost."""
    with World(tmp_path) as world:
        house = House(tmp_path, maker, 'real')
        world.scene()
        world.picd = world.spawn(world.cellns, house.prefix / 'sbin/picd', '--dir', world.pic.dir, stdout=open(tmp_path / 'picd.out', 'a'), stderr=subprocess.STDOUT)
        world.pic('status', '--wait', '20s')
        phone = world.peer('phone', '--access', 'internet')
        phone.sh('ping -c 1 -W 5 198.51.100.10')
        ping = world.spawn(phone.space, 'ping', '-i', '0.02', '198.51.100.10', stdout=subprocess.PIPE, text=True)
        done = subprocess.run(['ip', 'netns', 'exec', world.cellns, *house.command('update', '--key', maker.public, maker.make())], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert world.pic.json('status')['agent']['version'] == NEW
        ping.send_signal(signal.SIGINT)
        summary = [line for line in ping.stdout.read().splitlines() if 'packets transmitted' in line][0].split()
        os.kill(world.pic.json('status')['agent']['pid'], signal.SIGTERM)
        assert int(summary[0]) > 50 and summary[0] == summary[3], summary


DEB = r'''
mkdir -p {stage}; mount -t tmpfs none {stage}; cd {stage}; mkdir up work root
mount -t overlay overlay -o lowerdir=/,upperdir=up,workdir=work root
mount --rbind /proc root/proc; mount --rbind /dev root/dev
exec chroot root bash -ec '
cd {where}; rm -rf /var/lib/pic-update /usr/local/bin/pic
again() {{ # a package like the first one, of another version
	mkdir "$1" && dpkg-deb -x {first} "$1" && dpkg-deb -e {first} "$1/DEBIAN"
	sed -i "s/0\.1\.0\x00/$1\x00/" "$1"/usr/local/lib/libpic.so.0.1.0; sed -i "s/^version 0.1.0/version $1/" "$1/usr/local/share/pic/release"; sed -i "s/^Version: 0.1.0/Version: $1/" "$1/DEBIAN/control"
	[ -z "${{2:-}}" ] || {{ mv "$1/usr/local/sbin/picd" "$1/usr/local/sbin/picd.real"; printf "%s" "$2" >"$1/usr/local/sbin/picd"; chmod 755 "$1/usr/local/sbin/picd"; }}
	dpkg-deb -Znone --root-owner-group -b "$1" "pic-cell_$1.deb" >/dev/null; minisign -S -s maker.sec -m "pic-cell_$1.deb" >/dev/null; }}
again 0.1.1
again 0.1.2 "#!/bin/sh
case \$* in *.update/*) exec \$(dirname \$(readlink -f \$0))/picd.real \"\$@\";; esac
exit 1
"
dpkg --force-depends -i {first} >/dev/null 2>&1
export PIC_DIR=/tmp/c PIC_WORLD=fake PATH=/usr/local/bin:$PATH HOUSE={where}
pic init --name home --endpoint h.example.org:51820 >/dev/null 2>&1
/usr/local/sbin/picd --dir /tmp/c --world fake >/dev/null 2>&1 & sleep 0.5
say() {{ echo "$1 $(dpkg-query -W -f \${{Version}} pic-cell) $(pic --json status | grep -o "version.:.[0-9.]*")"; }}
pic update --key maker.pub pic-cell_0.1.1.deb >/dev/null; say $?
pic update --wait 4 --key maker.pub pic-cell_0.1.2.deb >/dev/null && say $? || say $?
pic update --back >/dev/null; say $?
kill $(pic --json status | grep -o "pid.:[0-9]*" | grep -o "[0-9]*")
'
'''


@pytest.mark.slow
@needs_root
def test_packages(maker, tmp_path):
    """In this machine's Debian under a throw-away overlay: a package, one that is spoilt, and back."""
    where = maker.where
    first = pathlib.Path(sh(TOP / 'pkgconfig/pack', 'deb', TOP / 'build/release', where).strip())
    script = DEB.format(stage=tmp_path / 'stage', where=where, first=first)
    done = subprocess.run(['unshare', '-m', '--propagation', 'private', 'bash', '-ec', script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == ['0 0.1.1 version":"0.1.1', '4 0.1.1 version":"0.1.1', '0 0.1.0 version":"0.1.0'], done.stdout + done.stderr
