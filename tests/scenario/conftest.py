"""Scenarios: state, command, what must hold. Fake-world ones run anywhere; those of namespaces need root and say so."""
import os
import pathlib
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
BIN = pathlib.Path(os.environ.get('PIC_BIN', TOP / 'build/release/bin'))

os.environ.setdefault('PIC_JOURNAL', '')  # what a test's agent says is nothing for this machine's journal


def pytest_configure(config):
    config.addinivalue_line('markers', 'slow: takes long, and its parts are shown by others: ./dev test slow')


class Pic:
    """The CLI on one directory: pic('peer', 'add', 'anna') answers stdout, or raises with what it said."""

    def __init__(self, directory, world='fake', netns=None):
        self.dir, self.world, self.netns = str(directory), world, netns

    def run(self, *args, stdin=None, env=None, timeout=60):
        command = [str(BIN / 'pic'), '--dir', self.dir, '--world', self.world, *map(str, args)]
        if self.netns:
            command = ['ip', 'netns', 'exec', self.netns, *command]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout, env=env)

    def __call__(self, *args, **kw):
        done = self.run(*args, **kw)
        assert done.returncode == 0, f'pic {args}: {done.returncode}\n{done.stdout}\n{done.stderr}'
        return done.stdout

    def json(self, *args, **kw):
        import json
        return json.loads(self('--json', *args, **kw))

    def refused(self, *args, code=None, status=1, **kw):
        import json
        done = self.run('--json', *args, **kw)
        assert done.returncode == status, f'pic {args}: {done.returncode}\n{done.stdout}\n{done.stderr}'
        error = json.loads(done.stderr.splitlines()[-1])
        assert code is None or error['code'] == code, error
        return error


@pytest.fixture
def pic(tmp_path):
    cell = Pic(tmp_path / 'cell')
    cell('init', '--name', 'home', '--endpoint', 'home.example.org:51820', '--net4', '10.20.0.0/16', '--net6', 'fd20::/48')
    return cell


@pytest.fixture
def empty(tmp_path):
    return Pic(tmp_path / 'cell')


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason='needs root: makes network namespaces')
