"""Where the copy of a drill lies: in memory, on the disk when that is too small for it, and nowhere when that is too. The memory is a small /dev/shm in a mount namespace of its own."""
import json
import os
import pathlib
import signal
import subprocess
import time

from conftest import BIN, needs_root
from world import wait_for

WATCH = r'''
mount -t tmpfs -o size={shm}m none /dev/shm
"$@" & child=$!
while kill -0 $child 2>/dev/null; do ls -d /dev/shm/pic-drill-* /var/tmp/pic-drill-*; sleep 0.01; done 2>/dev/null >{seen}
wait $child
'''


def drill(tmp_path, file, shm):
    """What it says, and where copies were seen meanwhile. A real one: namespaces, the kernel's rules, names that are asked for."""
    seen = tmp_path / 'seen'
    done = subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', WATCH.format(shm=shm, seen=seen), 'sh', BIN / 'pic', '--dir', tmp_path / 'none', '--json', 'backup', 'drill', file],
                          capture_output=True, text=True, timeout=120)
    return done, {str(pathlib.Path(line).parent) for line in seen.read_text().splitlines()}


def left():
    return [n for n in os.listdir('/var/tmp') if n.startswith('pic-drill-')]


def grown(pic, tmp_path):
    """A backup of some 24 MiB, three times which is more than a small memory has."""
    (pathlib.Path(pic.dir) / 'exits').mkdir()
    for i in range(4):
        (pathlib.Path(pic.dir) / f'exits/{i}').write_bytes(os.urandom(6 << 20))
    pic('backup', 'create', tmp_path / 'large', '--plain')


@needs_root
def test_too_large_for_memory(pic, tmp_path):
    for name in ('anna', 'ben'):
        pic('peer', 'add', name)
    pic('backup', 'create', tmp_path / 'small', '--plain')
    grown(pic, tmp_path)
    for file, shm, place in (('small', 160, '/dev/shm'), ('large', 160, '/var/tmp'), ('small', 20, '/var/tmp'), ('large', 400, '/dev/shm')):
        done, seen = drill(tmp_path, tmp_path / file, shm)
        told = json.loads(done.stdout)
        assert done.returncode == 0 and told['restorable'] and {c['state'] for c in told['checks']} <= {'ok', 'skipped'}, (file, shm, told, done.stderr)
        assert seen == {place}, (file, shm)
    assert left() == []


@needs_root
def test_killed_on_the_disk(pic, tmp_path):
    """What lies there has the cell's keys: the next drill removes it, also one that has room in memory."""
    grown(pic, tmp_path)
    p = subprocess.Popen(['unshare', '-m', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs -o size=20m none /dev/shm; exec "$@"', 'sh', BIN / 'pic', '--dir', tmp_path / 'none', 'backup', 'drill',
                          tmp_path / 'large'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: any(os.path.exists(f'/var/tmp/{n}/cell.db') for n in left()), 10, 'its copy', nap=0.005)
    p.send_signal(signal.SIGKILL)
    p.wait()
    assert left()
    time.sleep(0.3)  # its agent's end is its own
    done, _ = drill(tmp_path, tmp_path / 'large', 400)
    assert json.loads(done.stdout)['restorable'] and left() == []


@needs_root
def test_no_room_at_all(pic, tmp_path):
    """Nothing is judged: it is the machine's fault, and no verdict on the backup."""
    pic('backup', 'create', tmp_path / 'small', '--plain')
    script = 'for at in /dev/shm /var/tmp /tmp; do mount -t tmpfs -o size=20m none $at; done; exec "$@"'
    with open(tmp_path / 'small', 'rb') as file:
        done = subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', script, 'sh', BIN / 'pic', '--dir', '/nonexistent', '--json', 'backup', 'drill', '-'], stdin=file,
                              capture_output=True, text=True, timeout=60)
    error = json.loads(done.stderr.splitlines()[-1])
    assert done.returncode == 1 and error['code'] == 'IO' and 'no room' in error['message'] and done.stdout == '', done
