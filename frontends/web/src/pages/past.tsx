// What was wrong with the cell, and from when to when.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { num, when } from '../format';
import { t } from '../i18n';
import { length, rowsOf, type Past } from '../timeline';
import { Badge, Card, ErrorBox, Loading, Note, Said, Segments, useAttempt } from '../ui/basic';
import { Icon } from '../ui/icon';

const spans = { day: 86400000, week: 7 * 86400000, month: 30 * 86400000 };
type Span = keyof typeof spans;
const units = { day: 'past.days', hour: 'past.hours', minute: 'past.minutes' } as const;

export function WhatWas() {
  const [span, setSpan] = useState<Span>('week');
  const [got, setGot] = useState<{ past: Past[]; now: number; from: number } | null>(null);
  const { error, attempt } = useAttempt();
  const look = () =>
    attempt(async () => {
      const now = Date.now();
      const from = now - spans[span];
      const { data } = await get<{ findings: Past[] }>(`/api/health/history?limit=200&since=${new Date(from).toISOString().slice(0, 19)}Z`);
      setGot({ past: data.findings, now, from });
    });
  useEffect(() => void look(), [span]);
  const rows = got ? rowsOf(got.past, got.from, got.now) : [];
  const lasted = (ms: number) => {
    const l = length(ms);
    return t(units[l.unit], { n: l.n });
  };
  return (
    <Card
      title={t('past.title')}
      actions={
        <Segments
          label={t('past.span')}
          value={span}
          onValue={setSpan}
          options={[
            { value: 'day', label: t('past.day') },
            { value: 'week', label: t('past.week') },
            { value: 'month', label: t('past.month') },
          ]}
        />
      }
    >
      <ErrorBox error={error} retry={look} />
      {!got && !error && <Loading />}
      {got && rows.length === 0 && <Note tone="good">{t('past.none')}</Note>}
      {got && rows.length > 0 && (
        <>
          <ol class="findings past">
            {rows.map((r) => (
              <li key={r.began + r.what} class={r.level}>
                <Icon name={r.level === 'error' ? 'bad' : 'warn'} />
                <div>
                  <p>
                    <Said text={r.what} /> <Badge>{r.area}</Badge>
                  </p>
                  <p class="help">
                    <time dateTime={r.began}>{when(r.began)}</time> – {r.ended ? <time dateTime={r.ended}>{when(r.ended)}</time> : <strong>{t('past.still')}</strong>} · {lasted(r.lasted)}
                  </p>
                  <svg class="span" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="whole" width="100" height="6" />
                    <rect class="part" x={place(r.left)} width={place(r.width)} height="6" />
                  </svg>
                  {r.fix && (
                    <p class="fix">
                      {t('fix.onhost')} <code>{r.fix}</code>
                    </p>
                  )}
                </div>
              </li>
            ))}
          </ol>
          <div class="axis" aria-hidden="true">
            <span>{when(got.from)}</span>
            <span>{t('graph.now')}</span>
          </div>
          {got.past.length >= 200 && <p class="help">{t('past.more', { n: num(200) })}</p>}
        </>
      )}
    </Card>
  );
}

const place = (n: number): string => n.toFixed(2);
