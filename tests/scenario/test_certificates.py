"""The cell's own CA with the real agent, filter and all: issue, a restart, a killed agent, another root; nothing of the keys lies
open in the cell's directory."""
import json
import pathlib
import re
import subprocess

import pytest
from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as w:
        yield w.scene()


def judge(tmp_path, root, leaf, *more):
    (tmp_path / 'root').write_text(root)
    (tmp_path / 'leaf').write_text(leaf)
    return subprocess.run(['openssl', 'verify', '-x509_strict', '-CAfile', tmp_path / 'root', '-untrusted', tmp_path / 'leaf', *more, tmp_path / 'leaf'], capture_output=True).returncode == 0


def test_the_agent_issues(world, tmp_path):
    w = world
    w.start()
    shown = w.pic('cert', 'issue', 'nas', '--names', 'nas,*.nas')
    root = w.pic('cert', 'root', '--pem')
    assert judge(tmp_path, root, shown, '-verify_hostname', f'nas.{w.pic.json("cell", "show")["name"]}.internal')
    w.pic('cert', 'issue', 'kept', '--key-mode', 'kept')
    secret = re.sub('-----.*-----|\n', '', shown[shown.index('-----BEGIN PRIVATE'):])
    for file in pathlib.Path(w.pic.dir).rglob('*'):
        assert not file.is_file() or secret.encode()[:40] not in file.read_bytes(), file
    wished = [w.pic.run('--json', 'cert', 'set', 'kept', '--names', f'a{i}') for i in range(5)]
    assert all(r.returncode == 0 for r in wished)
    one = w.pic.json('cert', 'show', 'kept')
    assert one['subjects'][0].startswith('a4.') and one['not_after']


def test_what_was_wished_without_an_agent(world, tmp_path):
    w = world
    w.pic.run('cert', 'issue', 'nas', '--no-wait', '--key-mode', 'kept')
    assert w.pic.json('cert', 'show', 'nas')['not_after'] is None
    w.start()
    wait_for(lambda: w.pic.json('cert', 'show', 'nas')['not_after'], 15, 'the certificate')
    old = w.pic('cert', 'root', '--pem')
    w.pic('cert', 'root', '--rotate')
    both = w.pic('cert', 'export', 'nas')
    new = w.pic('cert', 'root', '--pem')
    assert new != old and judge(tmp_path, old, both) and judge(tmp_path, new, both)
    verbs = {r['verb'] for r in w.pic.json('audit', 'list')} if isinstance(w.pic.json('audit', 'list'), list) else set()
    assert not verbs or {'cert-issue', 'cert-renew', 'cert-root'} <= verbs
    assert 'new root' in '\n'.join(f['what'] for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings'])
