import { useEffect, useMemo, useState } from 'preact/hooks';
import { ago, num } from '../format';
import { t } from '../i18n';
import { busy, online, peerBeat, peerStates } from '../live';
import { href, route, setQuery } from '../router';
import { may } from '../session';
import { peers, useKept } from '../store';
import type { Peer } from '../types';
import { Badge, ButtonLink, Dot, Empty, ErrorBox, Loading, Page, Segments, useNow } from '../ui/basic';
import { Icon } from '../ui/icon';
import { announce } from '../ui/toast';
import { VirtualTable } from '../ui/virtual';
import { grantWord } from '../words';

type SortKey = 'name' | 'seen' | 'address' | 'exit';
type Show = 'all' | 'on' | 'off' | 'new';

/** "phone10" after "phone9": numbers count as numbers. Made once a name, so that ten thousand sort in a blink. */
const keys = new Map<string, string>();
function sortKey(name: string): string {
  let key = keys.get(name);
  if (key === undefined) {
    key = name.toLowerCase().replace(/\d+/g, (d) => d.padStart(9, '0'));
    keys.set(name, key);
  }
  return key;
}
const addressKey = (p: Peer): number => p.address4?.split('.').reduce((n, part) => n * 256 + Number(part), 0) ?? 0;

function arrange(rows: Peer[], sort: SortKey, down: boolean): Peer[] {
  const sign = down ? -1 : 1;
  const name = (a: Peer, b: Peer): number => (sortKey(a.name) < sortKey(b.name) ? -1 : 1);
  const by: Record<SortKey, (a: Peer, b: Peer) => number> = {
    name,
    address: (a, b) => addressKey(a) - addressKey(b),
    seen: (a, b) => {
      const x = peerStates.get(a.name)?.handshake ?? '';
      const y = peerStates.get(b.name)?.handshake ?? '';
      return x === y ? name(a, b) : x < y ? 1 : -1;
    },
    exit: (a, b) => {
      const x = peerStates.get(a.name)?.leaves?.exit ?? a.exit ?? '';
      const y = peerStates.get(b.name)?.leaves?.exit ?? b.exit ?? '';
      return x === y ? name(a, b) : x < y ? -1 : 1;
    },
  };
  return [...rows].sort((a, b) => sign * by[sort](a, b));
}

function Way({ p }: { p: Peer }) {
  const l = peerStates.get(p.name)?.leaves;
  if (l && !l.may) return <span class="faint">{t('leaves.none')}</span>;
  if (l?.closed) return <Badge tone="bad">{t('leaves.closed')}</Badge>;
  const exit = l ? l.exit : p.exit;
  if (!exit || exit === 'direct') return <span class="faint">{t('exit.direct')}</span>;
  return (
    <span class="way">
      <Icon name="exit" size={15} /> {exit}
    </span>
  );
}

function Cells({ p, now }: { p: Peer; now: number }) {
  const s = peerStates.get(p.name);
  const on = online(s, now);
  const rate = on && busy.peek().find((b) => b.name === p.name);
  return (
    <>
      <span role="cell" class="c-name">
        <a href={href('devices', p.name)}>
          <Dot tone={on ? 'good' : 'idle'} />
          <span class="name">{p.name}</span>
          {p.note && <span class="note">{p.note}</span>}
        </a>
      </span>
      <span role="cell" class="c-seen">
        {!p.enabled ? (
          <Badge>{t('device.disabled')}</Badge>
        ) : s && !s.active ? (
          <Badge tone="warn">{t('device.expired')}</Badge>
        ) : on ? (
          <span class="on">{rate ? t('device.active') : t('device.on')}</span>
        ) : s?.handshake ? (
          ago(s.handshake, now)
        ) : !p.config_shown && p.key_mode !== 'client' ? (
          <Badge tone="info">{t('device.fresh')}</Badge>
        ) : (
          <span class="faint">{t('device.never')}</span>
        )}
      </span>
      <span role="cell" class="c-address">
        <code>{p.address4}</code>
      </span>
      <span role="cell" class="c-reach">{[...(p.groups ?? []).map((g) => t('grant.ingroup', { name: g })), ...(p.access ?? []).map(grantWord)].join(' · ') || t('grant.nothing')}</span>
      <span role="cell" class="c-way">
        <Way p={p} />
      </span>
    </>
  );
}

export function Devices() {
  const kept = useKept(peers);
  const q = route.value.query;
  const [seek, setSeek] = useState(q.get('q') ?? '');
  const [show, setShow] = useState<Show>((q.get('show') as Show | null) ?? 'all');
  const [sort, setSort] = useState<SortKey>('name');
  const [down, setDown] = useState(false);
  const [narrow, setNarrow] = useState(innerWidth < 760);
  const now = useNow(15000);
  const beat = peerBeat.value;
  useEffect(() => {
    const look = () => setNarrow(innerWidth < 760);
    addEventListener('resize', look);
    return () => removeEventListener('resize', look);
  }, []);
  const all = kept.data;
  const live = show === 'on' || show === 'off' || sort === 'seen' || sort === 'exit';
  const sorted = useMemo(() => (all ? arrange(all, sort, down) : []), [all, sort, down, live && sort !== 'name' && sort !== 'address' ? beat : 0]);
  const rows = useMemo(() => {
    const words = seek.toLowerCase().split(/\s+/).filter(Boolean);
    return sorted.filter((p) => {
      const s = peerStates.get(p.name);
      if (show === 'on' && !online(s, now)) return false;
      if (show === 'off' && online(s, now)) return false;
      if (show === 'new' && (p.config_shown || p.key_mode === 'client')) return false;
      if (!words.length) return true;
      const text = `${p.name} ${p.note ?? ''} ${p.address4} ${p.address6} ${(p.groups ?? []).join(' ')} ${p.exit ?? ''}`.toLowerCase();
      return words.every((w) => text.includes(w));
    });
  }, [sorted, seek, show, live ? beat : 0, live ? now : 0]);
  useEffect(() => {
    const timer = setTimeout(() => {
      setQuery('q', seek);
      setQuery('show', show === 'all' ? '' : show);
      if (seek) announce(t('devices.found', { n: rows.length }));
    }, 400);
    return () => clearTimeout(timer);
  }, [seek, show]);

  const heading = (key: SortKey, label: string, cls: string) => (
    <span role="columnheader" class={cls} aria-sort={sort === key ? (down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" onClick={() => (sort === key ? setDown(!down) : (setSort(key), setDown(false)))}>
        {label}
        {sort === key && <Icon name={down ? 'down' : 'up'} size={13} />}
      </button>
    </span>
  );
  return (
    <Page
      title={t('nav.devices')}
      wide
      lead={all ? t('devices.count', { n: all.length }) : undefined}
      actions={may('write') ? <ButtonLink look="main" icon="plus" to="#/add-device">{t('devices.add')}</ButtonLink> : undefined}
    >
      <ErrorBox error={kept.error} retry={() => peers.load()} />
      {!all && !kept.error && <Loading label={t('devices.loading')} />}
      {all && all.length === 0 && (
        <Empty icon="phone" title={t('devices.none')} action={may('write') ? <ButtonLink look="main" icon="plus" to="#/add-device">{t('devices.first')}</ButtonLink> : undefined}>
          {t('devices.none.text')}
        </Empty>
      )}
      {all && all.length > 0 && (
        <>
          <div class="toolbar">
            <div class="seek">
              <Icon name="search" size={18} />
              <input type="search" aria-label={t('devices.search')} placeholder={t('devices.search')} value={seek} onInput={(e) => setSeek(e.currentTarget.value)} />
            </div>
            <Segments
              label={t('devices.show')}
              value={show}
              onValue={setShow}
              options={[
                { value: 'all', label: t('show.all') },
                { value: 'on', label: t('show.on') },
                { value: 'off', label: t('show.off') },
                { value: 'new', label: t('show.new') },
              ]}
            />
          </div>
          {rows.length === 0 ? (
            <Empty icon="search" title={t('devices.nomatch')}>
              {t('devices.nomatch.text')}
            </Empty>
          ) : (
            <VirtualTable
              count={rows.length}
              height={narrow ? 68 : 56}
              label={t('devices.table', { n: num(rows.length) })}
              rowKey={(i) => rows[i]?.name ?? String(i)}
              columns={
                <>
                  {heading('name', t('nav.device'), 'c-name')}
                  {heading('seen', t('device.seen'), 'c-seen')}
                  {heading('address', t('device.address'), 'c-address')}
                  <span role="columnheader" class="c-reach">
                    {t('device.reach')}
                  </span>
                  {heading('exit', t('device.exit'), 'c-way')}
                </>
              }
              row={(i) => {
                const p = rows[i];
                return p ? <Cells p={p} now={now} /> : null;
              }}
            />
          )}
        </>
      )}
    </Page>
  );
}
