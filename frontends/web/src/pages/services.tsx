// Web servers of the owner behind the cell's front: who has the grant reaches them, by HTTPS, and nobody else does.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { t, type Key } from '../i18n';
import { Line, useKind } from '../kind';
import { services } from '../store';
import type { Service } from '../types';
import { ErrorBox, Note, Page } from '../ui/basic';

interface Told {
  name: string;
  url: string;
  state: 'up' | 'down' | 'nowhere' | null;
  why: string | null;
}
interface Front {
  wished: boolean;
  ready: boolean;
  services: Told[];
}

const states: Record<string, Key> = { up: 'services.up', down: 'services.down', nowhere: 'services.nowhere' };

const says = (s: Service, d?: Told) => (
  <>
    <p class="help wrap">
      {s.target} · {s.enabled ? t(states[d?.state ?? ''] ?? 'services.unknown') : t('services.off')}
      {s.public && <> · {t('services.public')}</>}
      {s.note && <> · {s.note}</>}
    </p>
    {d?.why && d.state && d.state !== 'up' && (
      <p class="help wrap" lang="en">
        {d.why}
      </p>
    )}
  </>
);

export function Services() {
  const [front, setFront] = useState<Front | null>(null);
  const { kept, list, add, error, attempt } = useKind({
    kind: 'service',
    path: '/api/services',
    of: services,
    icon: 'services',
    words: { add: 'services.add', change: 'services.change', remove: 'services.remove', none: 'services.none', more: 'services.none.text' },
    show: (s, buttons) => {
      const told = front?.services.find((x) => x.name === s.name);
      return (
        <Line icon="services" title={told && s.enabled ? <a href={told.url}>{s.name}</a> : s.name} buttons={buttons}>
          {says(s, told)}
        </Line>
      );
    },
  });
  const look = () => attempt(async () => setFront((await get<Front>('/api/front')).data));
  useEffect(() => void look(), [kept.data]);
  return (
    <Page title={t('nav.services')} lead={t('services.lead')} actions={add()}>
      <ErrorBox error={error} retry={look} />
      {front && !front.ready && <Note tone="warn">{t(front.wished ? 'services.noroot' : 'services.nofront')}</Note>}
      {list}
    </Page>
  );
}
