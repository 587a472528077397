// The cell's names in the internet: what there is, whether each leads here, and how it is kept.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { enc, get, post } from '../api';
import { t, type Key } from '../i18n';
import { useKind } from '../kind';
import { may } from '../session';
import { domains } from '../store';
import type { Domain } from '../types';
import { Button, Card, ErrorBox, Facts, Note, Page, Said } from '../ui/basic';
import { Icon } from '../ui/icon';

interface Told {
  name: string;
  state: string;
  ipv4: string | null;
  ipv6: string | null;
  published: string | null;
  next: string | null;
  said: string | null;
  error: string | null;
  hint: string | null;
}
interface Mode {
  name: string;
  publishes: boolean;
  wildcard: boolean;
  fields: string[];
}
interface Outside {
  ipv4: string | null;
  ipv6: string | null;
  behind: boolean;
  asked: string | null;
  above: string | null;
  router: { state: string; why: string | null } | null;
  why: string | null;
  domains: Told[];
  modes: Mode[];
}

const states: Record<string, Key> = {
  off: 'domains.off',
  waiting: 'domains.waiting',
  publishing: 'domains.waiting',
  published: 'domains.published',
  failed: 'domains.failed',
  refused: 'domains.refused',
  unregistered: 'domains.unregistered',
};
const leads = (o: { ipv4: string | null; ipv6: string | null }): string => [o.ipv4, o.ipv6].filter(Boolean).join(', ');

function One(p: { domain: Domain; told?: Told; buttons: ComponentChildren; onPublish: () => Promise<unknown> }) {
  const d = p.domain;
  const state = p.told?.state ?? 'off';
  return (
    <Card title={d.name}>
      {p.told?.error && (
        <Note tone={state === 'refused' ? 'bad' : 'warn'}>
          <Said text={p.told.error} />
          {p.told.hint && (
            <>
              {' '}
              <Said text={p.told.hint} />
            </>
          )}
        </Note>
      )}
      <Facts
        rows={[
          [t('domains.mode'), d.mode],
          [t('domains.state'), t(states[state] ?? 'domains.waiting')],
          [t('domains.leads'), p.told && leads(p.told) ? <code class="wrap">{leads(p.told)}</code> : '–'],
          [t('domains.said'), p.told?.said ? <code class="wrap">{p.told.said}</code> : '–'],
        ]}
      />
      {d.note && <p class="help">{d.note}</p>}
      <div class="actions">
        {p.buttons}
        {may('write') && state !== 'off' && <Button icon="refresh" onClick={p.onPublish}>{t('domains.publish')}</Button>}
      </div>
    </Card>
  );
}

export function Domains() {
  const [outside, setOutside] = useState<Outside | null>(null);
  const { kept, list, add, error, attempt } = useKind({
    kind: 'domain',
    path: '/api/domains',
    of: domains,
    icon: 'domains',
    role: 'admin',
    words: { add: 'domains.add', change: 'domains.change', remove: 'domains.remove', none: 'domains.none', more: 'domains.none.text' },
    removing: { option: { label: t('cert.withdraw'), query: 'revoke' } },
    uses: (values) => outside?.modes.find((m) => m.name === values.mode)?.fields ?? ['name', 'mode'],
    show: (d, buttons) => <One domain={d} told={outside?.domains.find((x) => x.name === d.name)} buttons={outside && buttons} onPublish={() => publish(d)} />,
  });
  const look = () => attempt(async () => setOutside((await get<Outside>('/api/domains/status')).data));
  useEffect(() => void look(), [kept.data]);
  const publish = (d: Domain) =>
    attempt(async () => {
      await post(`/api/domains/${enc(d.name)}/publish`);
      await domains.load(true);
    });
  return (
    <Page title={t('nav.domains')} lead={t('domains.lead')} actions={outside ? add() : undefined}>
      <ErrorBox error={error} retry={look} />
      {list}
      {!!kept.data?.length && outside && (
        <Card title={t('domains.outside')}>
          <p class="row">
            <Icon name="domains" size={22} /> <code class="wrap">{leads(outside) || t('domains.unknown')}</code>
          </p>
          {outside.behind && outside.ipv4 && <p class="help">{t(outside.router?.state === 'led' ? 'domains.led' : 'domains.behind')}</p>}
          {outside.above && <Note tone="warn">{t('domains.above', { address: outside.above })}</Note>}
          {outside.router?.why && <Note tone="warn">{t('domains.notled', { why: outside.router.why })}</Note>}
          {outside.why && (
            <Note tone="warn">
              <Said text={outside.why} />
            </Note>
          )}
        </Card>
      )}
    </Page>
  );
}
