"""The table of the capture suite, out of the rows that its worlds wrote: build/leaks/leaks.md and leaks.json. Prints it, and fails if one packet of a fail-closed device was outside."""
import json
import pathlib
import sys

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else 'build/leaks')


def seconds(values):
    values = [v for v in values if v is not None]
    return f'{max(values):.1f} s' if values else ''


def line_of(of, *first):
    """One line about these rows."""
    outside = {mode: sum(r['outside'] for r in of if r['mode'] == mode) for mode in {r['mode'] for r in of}}
    bad, gap, window = sum(r['bad'] for r in of), sum(r['gap'] for r in of), max(r['window'] or 0 for r in of)
    wrong = f'{bad - gap}' + (f' (and {gap} in a known gap of {window:.2f} s)' if gap else '')
    cells = [*first, len(of), sum(r['sent'] for r in of), outside.get('closed', ''), outside.get('open', ''), wrong, seconds(r['detect'] for r in of),
             seconds(r['failover'] for r in of), seconds(r['pause'] for r in of), seconds(r['late'] for r in of if r['late'])]
    return '| ' + ' | '.join(map(str, cells)) + ' |'


def table(rows, titles, *keys):
    heads = ['devices', 'sent', 'outside, closed', 'outside, fail-open', 'of those wrong', 'seen dead', 'failed over', 'longest pause', 'machine late']
    groups = {}
    for r in rows:
        groups.setdefault(tuple(r[k] for k in keys), []).append(r)
    return ['| ' + ' | '.join(titles + heads) + ' |', '|' + '---|' * len(titles) + '--:|' * len(heads), *[line_of(of, *at) for at, of in groups.items()], '']


def total(rows):
    shut = [r for r in rows if r['mode'] == 'closed' and r['exit'] != 'direct']
    opened = [r for r in rows if r['mode'] == 'open']
    scenarios = {(r['world'], r['kinds'], r['phase']) for r in rows}
    failed = {(r['world'], r['kinds'], r['phase']) for r in rows if r['failed']}
    return (f'{len(scenarios)} scenarios, {len(rows)} of a device each ({len(shut)} fail-closed, {len(opened)} fail-open chosen); {sum(r["sent"] for r in rows)} packets sent. '
            f'Outside in fail-closed ones: {sum(r["bad"] - r["gap"] for r in shut)} of {sum(r["sent"] for r in shut)}, and {sum(r["gap"] for r in shut)} in known gaps; '
            f'wrongly outside where fail-open was chosen: {sum(r["bad"] - r["gap"] for r in opened)}. Dead exits seen after at most '
            f'{seconds(r["detect"] for r in rows if r["phase"] != "idle") or "-"} under traffic, {seconds(r["detect"] for r in rows if r["phase"] == "idle") or "-"} without; '
            f'failover after at most {seconds(r["failover"] for r in rows) or "-"}; the machine was late by at most {seconds(r["late"] for r in rows) or "-"}; '
            f'{len(failed)} scenarios failed.')


def main():
    rows = [json.loads(line) for file in sorted(OUT.glob('*.rows')) for line in file.read_text().splitlines()]
    if not rows:
        print('no scenario ran')
        return 0
    (OUT / 'leaks.json').write_text(json.dumps(rows, indent=1) + '\n')
    users = [r for r in rows if r['exit'] != 'direct']  # the others are there to be seen
    lines = table(users, ['world', 'scenario'], 'world', 'scenario') + [total(rows), '']
    (OUT / 'leaks.md').write_text('\n'.join(lines + table(users, ['world', 'scenario', 'exit'], 'world', 'scenario', 'exit')))
    print('\n'.join(lines))
    return 1 if any(r['bad'] > r['gap'] for r in rows if r['mode'] == 'closed') else 0  # whatever passed at a second try


if __name__ == '__main__':
    sys.exit(main())
