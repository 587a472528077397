"""Rows of figures: measure, ours, reference, ratio, goal; printed as a table and written as JSON."""
import json


class Figures:
    def __init__(self, title):
        self.title, self.rows = title, []

    def add(self, measure, ours, unit, reference=None, what='', goal='', ratio=None):
        ratio = ours / reference if reference and ratio is None else ratio
        self.rows.append({'measure': measure, 'ours': ours, 'unit': unit, 'reference': reference, 'by hand': what, 'ratio': ratio, 'goal': goal})

    def done(self, path):
        def cell(x):
            return '-' if x is None else str(x) if not isinstance(x, float) else f'{x:.0f}' if abs(x) >= 1000 else f'{x:.3g}'
        keys = ['measure', 'ours', 'unit', 'reference', 'ratio', 'goal', 'by hand']
        table = [keys] + [[cell(r[k]) for k in keys] for r in self.rows]
        widths = [max(len(row[i]) for row in table) for i in range(len(keys))]
        print(f'\n{self.title}')
        for row in table:
            print('  '.join(c.ljust(w) for c, w in zip(row, widths)).rstrip())
        with open(path, 'w') as f:
            json.dump(self.rows, f, indent=1)


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))]
