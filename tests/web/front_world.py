"""For front.test.mjs: a cell, a device and somebody outside, each in a network namespace of its own. Says where they are, and ends with its input."""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'scenario'))
from conftest import BIN  # noqa: E402
from world import World, wait_for  # noqa: E402

with tempfile.TemporaryDirectory() as tmp, World(tmp) as w:
    w.scene()
    w.start()
    anna = w.peer('anna')
    w.pic('user', 'add', 'owner', '--role', 'admin', '--password-file', '-', stdin='correct horse battery staple\n')
    w.spawn(w.cellns, BIN / 'pic-http', '--dir', w.pic.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: w.sh(w.cellns, 'ss -Hltn sport = :3000'), 10, 'pic-http')
    wait_for(lambda: json.loads(w.pic.run('--json', 'front', 'status').stdout)['not_after'], 15, 'the front')
    print(json.dumps({'space': anna.space, 'dir': tmp, 'root': w.pic('cert', 'root', '--pem')}), flush=True)
    sys.stdin.read()
