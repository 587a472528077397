"""What a long history costs: 100,000 revisions of a cell with 200 devices."""
import json
import os
import subprocess
import sys
import tempfile

from conftest import BIN
from figures import Figures

MANY = int(os.environ.get('PIC_BENCH_REVISIONS', '100000'))
with tempfile.TemporaryDirectory() as where:
    done = subprocess.run([str(BIN.parent / 'tests/bench_history'), f'{where}/cell', str(MANY)], capture_output=True, text=True, check=True)
    got = json.loads(done.stdout)
figures = Figures(f'A history of {MANY} revisions')
figures.add('add a device, committed', got['add_full_ms'], 'ms', got['add_empty_ms'], 'the same with 500 revisions', '<= 1.2x')
figures.add('undo the last revision', got['undo_ms'], 'ms', goal='<= 50 ms')
for when in ('first', 'middle', 'last'):
    figures.add(f'at: the whole cell as it was, {when} revisions', got[f'at_{when}_ms'], 'ms', goal='<= 200 ms')
figures.add('cell.db', got['store_mb'], 'MB', goal='<= 100 MB')
figures.done(sys.argv[1])
