"""table.py DIR: puts the rows of all parts together into DIR/faults.md and faults.json; says the sum. Exit status 1 when there are no rows,
a row tried nothing, or something ended in a third state."""
import json
import pathlib
import sys

top = pathlib.Path(sys.argv[1])
rows = []
for part in sorted(top.glob('*.rows')):
    for line in part.read_text().splitlines():
        fault, place, *ends = line.split('\t')
        old, new, third = map(int, ends)
        rows.append({'fault': fault, 'place': place, 'tried': old + new + third, 'old': old, 'new': new, 'third': third})
total = {key: sum(row[key] for row in rows) for key in ('tried', 'old', 'new', 'third')}
faults = {}
for row in rows:
    of = faults.setdefault(row['fault'], {'places': 0, 'tried': 0, 'old': 0, 'new': 0, 'third': 0})
    of['places'] += 1
    for key in ('tried', 'old', 'new', 'third'):
        of[key] += row[key]
lines = ['| fault | places | tried | old | new | third |', '|---|--:|--:|--:|--:|--:|']
lines += ['| {} | {places} | {tried} | {old} | {new} | {third} |'.format(name, **of) for name, of in faults.items()]
lines += ['| **all** | {} | **{tried}** | **{old}** | **{new}** | **{third}** |'.format(len(rows), **total), '', 'Each place:', '']
lines += ['| fault | place | tried | old | new | third |', '|---|---|--:|--:|--:|--:|']
lines += ['| {fault} | {place} | {tried} | {old} | {new} | {third} |'.format(**row) for row in rows]
(top / 'faults.md').write_text('\n'.join(lines) + '\n')
(top / 'faults.json').write_text(json.dumps(rows, indent=0) + '\n')
empty = [row for row in rows if row['tried'] == 0]
print('faults: {} rows, {tried} tried: {old} ended old, {new} new, {third} third; {}'.format(len(rows), top / 'faults.md', **total))
sys.exit(not rows or bool(empty) or total['third'] > 0)
