// How much passed in the last hours and days, of a device or a way out.
import { useEffect, useState } from 'preact/hooks';
import { get } from './api';
import { t } from './i18n';
import { Card, ErrorBox, Segments, useAttempt } from './ui/basic';
import { Bars, type Bar } from './ui/graph';

export function Passed({ of, name }: { of: 'peer' | 'connection'; name: string }) {
  const [span, setSpan] = useState<'hours=24' | 'days=30'>('hours=24');
  const [bars, setBars] = useState<Bar[]>([]);
  const { error, attempt } = useAttempt();
  useEffect(() => {
    let here = true;
    void attempt(async () => {
      const { data } = await get<{ buckets: { from: string; rx: number; tx: number }[] }>(`/api/traffic?${new URLSearchParams({ [of]: name })}&${span}`);
      // What came from a device is what it sent; what came by a way out is what was got.
      if (here) setBars(data.buckets.map((b) => (of === 'peer' ? { from: b.from, down: b.tx, up: b.rx } : { from: b.from, down: b.rx, up: b.tx })));
    });
    return () => void (here = false);
  }, [name, span]);
  return (
    <Card title={t('passed.title')}>
      <ErrorBox error={error} />
      <Segments label={t('passed.title')} value={span} onValue={setSpan} options={[{ value: 'hours=24', label: t('passed.hours') }, { value: 'days=30', label: t('passed.days') }]} />
      <Bars bars={bars} label={name} />
    </Card>
  );
}
