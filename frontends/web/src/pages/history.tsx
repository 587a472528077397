import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { PlanView, propose, undoRevision } from '../change';
import { clock, day } from '../format';
import { t } from '../i18n';
import { onChange } from '../live';
import { route, setQuery } from '../router';
import { may } from '../session';
import type { Plan, Row } from '../types';
import { Badge, Button, Card, Empty, ErrorBox, Loading, Page, Select, Words } from '../ui/basic';
import { Icon } from '../ui/icon';
import { kindWord, rowWords, wayName } from '../words';

interface Revision {
  revision: number;
  time: string;
  actor: string;
  way: string;
  rows: Row[];
}

function grouped(rows: Row[]): Revision[] {
  const out: Revision[] = [];
  for (const r of rows) {
    const last = out[out.length - 1];
    const changes = r.verb === 'add' || r.verb === 'change' || r.verb === 'remove';
    if (last && changes && last.revision === r.revision && last.rows.every((x) => x.verb === 'add' || x.verb === 'change' || x.verb === 'remove')) last.rows.push(r);
    else out.push({ revision: r.revision, time: r.time, actor: r.actor, way: r.way, rows: [r] });
  }
  return out;
}

const isChange = (r: Revision): boolean => r.revision > 1 && r.rows.some((x) => x.verb === 'add' || x.verb === 'change' || x.verb === 'remove');

function Detail({ r }: { r: Revision }) {
  const [plan, setPlan] = useState<Plan | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    get<Plan>(`/api/history/${r.revision}/diff`).then((x) => setPlan(x.data), setError);
  }, []);
  return (
    <div class="detail">
      <ErrorBox error={error} />
      {!plan && !error && <Loading />}
      {plan && <PlanView plan={plan} />}
      {may('write') && (
        <div class="actions">
          <Button
            small
            icon="history"
            onClick={() => propose({ title: t('return.title', { revision: r.revision }), method: 'POST', path: `/api/history/${r.revision}/return`, body: {}, save: t('return.do'), danger: true })}
          >
            {t('return.do')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Entry({ r, open, onOpen }: { r: Revision; open: boolean; onOpen: () => void }) {
  const change = isChange(r);
  return (
    <li class={`entry ${open ? 'open' : ''}`} data-revision={r.revision}>
      <span class="when">{clock(r.time)}</span>
      <div class="what">
        {[...r.rows].reverse().slice(0, 4).map((x) => (
          <p key={x.seq}><Words text={rowWords(x)} /></p>
        ))}
        {r.rows.length > 4 && <p class="help">{t('change.more', { n: r.rows.length - 4 })}</p>}
        <p class="foot">
          {t('history.by', { who: r.actor, way: wayName(r.way) })} {change && <Badge>{t('history.rev', { revision: r.revision })}</Badge>}
        </p>
        {open && <Detail r={r} />}
      </div>
      <div class="actions">
        {change && (
          <>
            <Button small look="quiet" icon="chevron" expanded={open} label={t('history.details', { revision: r.revision })} onClick={onOpen} />
            {may('write') && (
              <Button small icon="undo" label={t('undo.title', { revision: r.revision })} onClick={() => undoRevision(r.revision)}>
                {t('undo')}
              </Button>
            )}
          </>
        )}
      </div>
    </li>
  );
}

const kinds = ['', 'peer', 'group', 'connection', 'cell', 'assertion', 'user', 'token', 'record', 'forward', 'blocklist', 'domain', 'service', 'certificate'];
const portion = 60;

export function History() {
  const q = route.value.query;
  const [kind, setKind] = useState(q.get('kind') ?? '');
  const [seek, setSeek] = useState(q.get('q') ?? '');
  const [asked, setAsked] = useState(seek);
  const [rows, setRows] = useState<Row[] | null>(null);
  const [more, setMore] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wanted = Number(q.get('rev')) || 0;
  const [open, setOpen] = useState<number>(wanted);
  const load = async (before = 0) => {
    const p = new URLSearchParams({ max: String(portion), limit: String(portion) });
    if (kind) p.set('kind', kind);
    if (asked) p.set('text', asked);
    if (before) p.set('before', String(before));
    if (wanted && !before && !asked && !kind) p.set('last', String(wanted));
    try {
      const { data } = await get<Row[]>(`/api/history?${p}`, { quiet: !!rows });
      setMore(data.length >= portion);
      setRows(before ? [...(rows ?? []), ...data] : data);
      setError(null);
    } catch (e) {
      setError(e);
    }
  };
  useEffect(() => {
    void load();
    setQuery('kind', kind);
    setQuery('q', asked);
    if (wanted) return undefined;
    let timer = 0;
    const off = onChange(() => {
      clearTimeout(timer);
      timer = setTimeout(() => void load(), 300) as unknown as number;
    });
    return () => (clearTimeout(timer), off());
  }, [kind, asked, wanted]);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(seek.trim()), 350);
    return () => clearTimeout(timer);
  }, [seek]);
  const list = grouped(rows ?? []);
  let date = '';
  return (
    <Page title={t('nav.history')} lead={t('history.lead')} actions={<a class="button plain" href="#/audit"><Icon name="audit" size={19} /><span>{t('nav.audit')}</span></a>}>
      <div class="toolbar">
        <div class="seek">
          <Icon name="search" size={18} />
          <input type="search" aria-label={t('history.search')} placeholder={t('history.search')} value={seek} onInput={(e) => setSeek(e.currentTarget.value)} />
        </div>
        <Select label={t('history.kind')} value={kind} onValue={setKind} options={kinds.map((k) => ({ value: k, label: k ? kindWord(k) : t('show.all') }))} />
      </div>
      {wanted > 0 && (
        <p>
          <a href="#/history">{t('history.all')}</a>
        </p>
      )}
      <ErrorBox error={error} retry={() => load()} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && <Empty icon="history" title={t('history.none')} />}
      {list.length > 0 && (
        <Card class="log">
          {list.map((r) => {
            const d = day(r.time);
            const head = d !== date;
            date = d;
            return (
              <>
                {head && <h2 class="daymark">{d}</h2>}
                <ol class="entries">
                  <Entry key={r.rows[0]?.seq} r={r} open={open === r.revision && isChange(r)} onOpen={() => setOpen(open === r.revision ? 0 : r.revision)} />
                </ol>
              </>
            );
          })}
        </Card>
      )}
      {more && (
        <div class="center">
          <Button onClick={() => load(rows?.[rows.length - 1]?.seq)}>{t('history.more')}</Button>
        </div>
      )}
    </Page>
  );
}
