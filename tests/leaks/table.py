"""The table of the capture suite, out of the rows that its worlds wrote: build/leaks/leaks.md and leaks.json. Prints it."""
import json
import pathlib
import sys

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else 'build/leaks')


def seconds(values):
    values = [v for v in values if v is not None]
    return f'{max(values):.1f} s' if values else ''


def main():
    rows = [json.loads(line) for file in sorted(OUT.glob('*.rows')) for line in file.read_text().splitlines()]
    if not rows:
        return 'no scenario ran'
    (OUT / 'leaks.json').write_text(json.dumps(rows, indent=1) + '\n')
    lines = ['| world | scenario | exit | devices | sent | outside, closed | outside, open | of those wrong | seen dead | failed over | longest pause |',
             '|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|']
    groups = {}
    for r in rows:
        groups.setdefault((r['world'], r['scenario'], r['exit']), []).append(r)
    for (world, scenario, exit_), of in groups.items():
        outside = {mode: sum(r['outside'] for r in of if r['mode'] == mode) for mode in {r['mode'] for r in of}}
        bad, gap, window = sum(r['bad'] for r in of), sum(r['gap'] for r in of), max(r['window'] or 0 for r in of)
        wrong = f'{bad - gap}' + (f' (and {gap} in a known gap of {window:.2f} s)' if gap else '')
        lines.append(f'| {world} | {scenario} | {exit_} | {len(of)} | {sum(r["sent"] for r in of)} | {outside.get("closed", "")} | '
                     f'{outside.get("open", outside.get("direct", ""))} | {wrong} | {seconds(r["detect"] for r in of)} | '
                     f'{seconds(r["failover"] for r in of)} | {seconds(r["pause"] for r in of)} |')
    shut = [r for r in rows if r['mode'] == 'closed']
    lines.append('')
    lines.append(f'{len(rows)} scenarios ({len(shut)} fail-closed), {sum(r["sent"] for r in rows)} packets sent; outside in fail-closed ones: '
                 f'{sum(r["bad"] - r["gap"] for r in shut)} of {sum(r["sent"] for r in shut)}, and {sum(r["gap"] for r in shut)} in known gaps; '
                 f'dead exits seen after at most {seconds(r["detect"] for r in rows) or "-"}, failover after at most '
                 f'{seconds(r["failover"] for r in rows) or "-"}; {sum(r["failed"] for r in rows)} of scenarios that did not end.')
    (OUT / 'leaks.md').write_text('\n'.join(lines) + '\n')
    return '\n'.join(lines)


if __name__ == '__main__':
    print(main())
