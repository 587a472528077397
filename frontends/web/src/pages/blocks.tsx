// Block lists, how each does, and whether a name is blocked: a part of the page of names.
import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../api';
import { t, type Key } from '../i18n';
import { Line, Section, useKind } from '../kind';
import { blocklists } from '../store';
import type { Blocklist } from '../types';
import { Button, Note, Said } from '../ui/basic';

interface Told {
  name: string;
  state: string;
  names: number;
  lines: number;
  skipped: number;
  blocked: number;
  taken: string | null;
  error: string | null;
  hint: string | null;
}
interface Status {
  asked: number;
  blocked: number;
  error: string | null;
  lists: Told[];
}

const states: Record<string, Key> = {
  off: 'zones.off',
  waiting: 'blocks.waiting',
  fetching: 'blocks.waiting',
  ok: 'blocks.ok',
  old: 'blocks.old',
  failed: 'blocks.failed',
};

function Told({ list: l, told: d }: { list: Blocklist; told?: Told }) {
  return (
    <>
      <p class="help wrap">
        {!l.enabled ? t('zones.off') : d ? t(states[d.state] ?? 'blocks.waiting', { names: d.names, blocked: d.blocked }) : null}
        {l.groups?.length > 0 && <> · {t('blocks.for', { groups: l.groups.join(', ') })}</>}
        {l.note && <> · {l.note}</>}
      </p>
      <p class="help wrap">{l.source}</p>
      {d?.error && <Said text={d.error} />}
      {d?.hint && <Said text={d.hint} />}
    </>
  );
}

export function Blocks() {
  const [status, setStatus] = useState<Status | null>(null);
  const { kept, list, add, error, attempt } = useKind({
    kind: 'blocklist',
    path: '/api/dns/blocklists',
    of: blocklists,
    icon: 'shield',
    words: { add: 'blocks.add', change: 'blocks.change', remove: 'blocks.remove' },
    show: (l, buttons) => (
      <Line icon="shield" title={l.name} buttons={buttons}>
        <Told list={l} told={status?.lists.find((x) => x.name === l.name)} />
      </Line>
    ),
  });
  useEffect(() => void attempt(async () => setStatus((await get<Status>('/api/dns/blocks')).data)), [kept.data]);
  const refresh = () => attempt(async () => setStatus((await post<Status>('/api/dns/blocks/refresh', {})).data));
  const adds = add('plain');
  const actions = adds && (
    <>
      {kept.data?.some((l) => l.enabled) && (
        <Button look="quiet" onClick={refresh}>
          {t('blocks.refresh')}
        </Button>
      )}
      {adds}
    </>
  );
  return (
    <Section id="blocks" title={t('blocks.title')} lead={t('blocks.lead')} error={error} list={list} actions={actions}>
      {status?.error && (
        <Note tone="warn">
          <Said text={status.error} />
        </Note>
      )}
    </Section>
  );
}
