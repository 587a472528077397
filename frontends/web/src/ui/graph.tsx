// Traffic of the last three minutes: two lines, one scale, no library.
import type { Sample } from '../live.diff';
import { bytes, rate, when } from '../format';
import { t } from '../i18n';

const width = 600;
const height = 140;
const span = 180000;

function nice(max: number): number {
  const least = 1250; // 10 kbit/s: noise is not drawn as a storm
  if (max <= least) return least;
  const power = 10 ** Math.floor(Math.log10(max));
  for (const step of [1, 2, 5, 10]) if (max <= step * power) return step * power;
  return max;
}

function shape(samples: Sample[], of: 'rx' | 'tx', top: number, now: number): { line: string; area: string } {
  const points = samples
    .filter((s) => now - s.at <= span + 4000)
    .map((s) => [width - ((now - s.at) / span) * width, height - (s[of] / top) * (height - 8)] as const);
  if (points.length < 2) return { line: '', area: '' };
  const line = points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  const first = points[0]?.[0] ?? 0;
  return { line, area: `${line}L${width} ${height}L${first.toFixed(1)} ${height}Z` };
}

/** `rx` is what the cell received, so what the device sent. People think from the device: down is what it gets. */
export function Traffic({ samples, label }: { samples: Sample[]; label: string }) {
  const last = samples[samples.length - 1];
  const now = last?.at ?? Date.now();
  const top = nice(Math.max(0, ...samples.map((s) => Math.max(s.rx, s.tx))));
  const down = shape(samples, 'tx', top, now);
  const up = shape(samples, 'rx', top, now);
  const text = t('graph.label', { what: label, down: rate(last?.tx ?? 0), up: rate(last?.rx ?? 0) });
  return (
    <figure class="graph">
      <figcaption>
        <span class="key down">
          <i aria-hidden="true" /> {t('graph.down')} <b>{rate(last?.tx ?? 0)}</b>
        </span>
        <span class="key up">
          <i aria-hidden="true" /> {t('graph.up')} <b>{rate(last?.rx ?? 0)}</b>
        </span>
      </figcaption>
      <div class="plot">
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={text}>
          <g class="grid">
            <path d={`M0 8H${width}M0 ${(height + 8) / 2}H${width}M0 ${height}H${width}`} />
          </g>
          <path class="area down" d={down.area} />
          <path class="area up" d={up.area} />
          <path class="line down" d={down.line} />
          <path class="line up" d={up.line} />
        </svg>
        <span class="scale" aria-hidden="true">
          {rate(top)}
        </span>
      </div>
      <div class="axis" aria-hidden="true">
        <span>{t('graph.ago', { n: 3 })}</span>
        <span>{t('graph.now')}</span>
      </div>
    </figure>
  );
}

export interface Bar {
  from: string;
  down: number;
  up: number;
}

/** What passed, hour by hour or day by day: what was sent stands on what was got. */
export function Bars({ bars, label }: { bars: Bar[]; label: string }) {
  const top = Math.max(1000, ...bars.map((b) => b.down + b.up));
  const down = bytes(bars.reduce((sum, b) => sum + b.down, 0));
  const up = bytes(bars.reduce((sum, b) => sum + b.up, 0));
  const step = width / Math.max(1, bars.length);
  const high = (n: number) => (n / top) * (height - 8);
  const shapes = (low: (b: Bar) => number, of: (b: Bar) => number) =>
    bars.map((b, i) => (of(b) ? `M${(i * step + 1).toFixed(1)} ${(height - high(low(b))).toFixed(1)}v${(-high(of(b))).toFixed(1)}h${(step - 2).toFixed(1)}v${high(of(b)).toFixed(1)}z` : '')).join('');
  return (
    <figure class="graph">
      <figcaption>
        <span class="key down">
          <i aria-hidden="true" /> {t('graph.down')} <b>{down}</b>
        </span>
        <span class="key up">
          <i aria-hidden="true" /> {t('graph.up')} <b>{up}</b>
        </span>
      </figcaption>
      <div class="plot">
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={t('passed.label', { what: label, down, up })}>
          <g class="grid">
            <path d={`M0 8H${width}M0 ${height}H${width}`} />
          </g>
          <path class="bar down" d={shapes(() => 0, (b) => b.down)} />
          <path class="bar up" d={shapes((b) => b.down, (b) => b.up)} />
        </svg>
        <span class="scale" aria-hidden="true">
          {bytes(top)}
        </span>
      </div>
      <div class="axis" aria-hidden="true">
        <span>{when(bars[0]?.from)}</span>
        <span>{t('graph.now')}</span>
      </div>
    </figure>
  );
}
