import { useEffect, useState } from 'preact/hooks';
import { Access } from '../access';
import { ApiError, enc, get, post } from '../api';
import { useChange } from '../change';
import { ConfigView } from '../config';
import { difference, fieldError, otherError, pick, refOptions, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { ago, bytes, when } from '../format';
import { t } from '../i18n';
import { concerns, exitStates, onChange, online, peerBeat, peerStates, watch, watched } from '../live';
import { go, href, route } from '../router';
import { may } from '../session';
import { connections, groups, useKept } from '../store';
import type { Peer, Row, Shown, Verdict } from '../types';
import { Badge, Button, Card, Choice, Copy, Dot, ErrorBox, Facts, Form, Input, Loading, Note, Page, Select, Switch, Time, useNow, Words } from '../ui/basic';
import { Dialog } from '../ui/dialog';
import { Passed } from '../traffic';
import { Traffic } from '../ui/graph';
import { Icon } from '../ui/icon';
import { exitState, rowWords } from '../words';

function Why({ name }: { name: string }) {
  const [to, setTo] = useState('');
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = async () => {
    setError(null);
    setVerdict(null);
    if (!to.trim()) return;
    try {
      setVerdict((await get<Verdict>(`/api/why?from=${enc(name)}&to=${enc(to.trim())}`)).data);
    } catch (e) {
      setError(e);
    }
  };
  return (
    <Card title={t('why.title')}>
      <Form onSubmit={ask} class="stack">
        <Input label={t('why.to')} help={t('why.help')} value={to} onValue={setTo} placeholder="192.168.1.10:tcp/445" autoCapitalize="off" autoComplete="off" spellcheck={false} />
        <div class="actions">
          <Button type="submit">{t('why.ask')}</Button>
        </div>
      </Form>
      <div aria-live="polite">
        <ErrorBox error={error} />
        {verdict && (
          <Note tone={verdict.allowed ? 'good' : 'warn'}>
            <p>
              <strong>{t(verdict.allowed ? 'why.yes' : 'why.no', { from: verdict.from, to: verdict.to })}</strong>
            </p>
            <p>{verdict.reason}</p>
            {verdict.leaves && <p>{t(verdict.closed ? 'why.closed' : 'why.leaves', { exit: verdict.leaves })}</p>}
            {verdict.origin && (
              <p>
                <a href={`#/history?rev=${verdict.origin.revision}`}>{t('why.since', { who: verdict.origin.actor, when: when(verdict.origin.time) })}</a>
              </p>
            )}
          </Note>
        )}
      </div>
    </Card>
  );
}

/** What is on the device is not what it would be given now. */
function Outdated({ peer }: { peer: Peer }) {
  const [old, setOld] = useState(false);
  const path = `/api/peers/${enc(peer.name)}`;
  useEffect(() => {
    let gone = false;
    const look = () => void get<{ config_needs_reinstall: boolean }>(`${path}/reinstall`, { quiet: true }).then((r) => !gone && setOld(r.data.config_needs_reinstall), () => {});
    look();
    const off = onChange((row) => (concerns(row, 'cell') || concerns(row, 'peer', peer.name)) && look());
    return () => {
      gone = true;
      off();
    };
  }, [path]);
  if (!old) return null;
  return (
    <Note tone="warn">
      <p>
        <strong>{t('config.old')}</strong> {t('config.old.text')}
      </p>
      {may('write') && (
        <Button small onClick={() => post(`${path}/clear-reinstall`).then(() => setOld(false))}>
          {t('config.old.has')}
        </Button>
      )}
    </Note>
  );
}

function Config({ peer, reload }: { peer: Peer; reload: () => void }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [asking, setAsking] = useState<'show' | 'link' | null>(null);
  const [link, setLink] = useState<{ url: string; until: string } | null>(null);
  const [life, setLife] = useState('86400');
  const { error, setError, change } = useChange();
  const spent = peer.key_mode === 'sealed' && !!peer.config_shown;
  const path = `/api/peers/${enc(peer.name)}`;
  if (!may('secrets')) return null;
  const show = async () => {
    setError(null);
    setAsking(null);
    try {
      setShown((await post<Shown>(`${path}/config`, { qr: peer.key_mode === 'client' ? null : 'svg' })).data);
      reload();
    } catch (e) {
      setError(e);
    }
  };
  const rekey = () =>
    change({ title: t('rekey.title', { name: peer.name }), method: 'POST', path: `${path}/rekey`, body: {}, intro: <Note tone="warn">{t('rekey.text')}</Note>, save: t('rekey.do'), danger: true, done: t('rekey.done') }, async (done) => {
      reload();
      if (typeof done.data.config === 'string') setShown(done.data as unknown as Shown);
      else await show();
    });
  const makeLink = async () => {
    setError(null);
    try {
      const { data } = await post<{ path: string; until: string }>(`${path}/link`, { seconds: Number(life) });
      setLink({ url: location.origin + data.path, until: data.until });
      setAsking(null);
    } catch (e) {
      setError(e);
      setAsking(null);
    }
  };
  return (
    <Card title={t('config.title')}>
      <Outdated peer={peer} />
      <ErrorBox error={error} />
      {shown ? (
        <>
          <ConfigView name={peer.name} shown={shown} kept={peer.key_mode === 'kept'} />
          <div class="actions">
            <Button onClick={() => setShown(null)}>{t('config.hide')}</Button>
          </div>
        </>
      ) : (
        <>
          <p>{t(spent ? 'config.spent' : peer.key_mode === 'kept' ? 'config.kept' : peer.key_mode === 'client' ? 'config.client' : 'config.fresh', { when: when(peer.config_shown) })}</p>
          {link && (
            <Note tone="good" icon="link">
              <p>{t('link.made', { when: when(link.until) })}</p>
              <p>
                <code class="wrap">{link.url}</code>
              </p>
              <Copy text={link.url} />
            </Note>
          )}
          <div class="actions">
            {!spent && (
              <>
                <Button look="main" icon="qr" onClick={() => (peer.key_mode === 'sealed' ? setAsking('show') : show())}>
                  {t('config.show')}
                </Button>
                <Button icon="link" onClick={() => setAsking('link')}>
                  {t('link.make')}
                </Button>
              </>
            )}
            <Button icon="key" onClick={rekey}>
              {t('rekey.do')}
            </Button>
          </div>
        </>
      )}
      {asking === 'show' && (
        <Dialog title={t('config.show')} onClose={() => setAsking(null)} actions={<><Button look="quiet" onClick={() => setAsking(null)}>{t('cancel')}</Button><Button look="main" icon="qr" onClick={show}>{t('config.shownow')}</Button></>}>
          <Note tone="warn" icon="key">
            <strong>{t('config.once')}</strong> {t('config.once.ask')}
          </Note>
        </Dialog>
      )}
      {asking === 'link' && (
        <Dialog title={t('link.make')} onClose={() => setAsking(null)} actions={<><Button look="quiet" onClick={() => setAsking(null)}>{t('cancel')}</Button><Button look="main" icon="link" onClick={makeLink}>{t('link.makenow')}</Button></>}>
          <p>{t('link.explain')}</p>
          <Select label={t('link.life')} value={life} onValue={setLife} options={[['3600', t('n.hours', { n: 1 })], ['86400', t('n.days', { n: 1 })], ['604800', t('n.days', { n: 7 })]].map(([value, label]) => ({ value: value ?? '', label: label ?? '' }))} />
        </Dialog>
      )}
    </Card>
  );
}

function Past({ name }: { name: string }) {
  const [rows, setRows] = useState<Row[] | null>(null);
  const load = () => void get<Row[]>(`/api/history?kind=peer&name=${enc(name)}&max=8&limit=8`, { quiet: true }).then((r) => setRows(r.data), () => setRows([]));
  useEffect(() => {
    load();
    return onChange((row) => concerns(row, 'peer', name) && load());
  }, [name]);
  return (
    <Card title={t('device.past')}>
      <ul class="lines recent">
        {rows?.slice(0, 8).map((r) => (
          <li key={r.seq}>
            <a href={`#/history?rev=${r.revision}`}>
              <span class="text"><Words text={rowWords(r)} /></span>
              <span class="end">
                {r.actor} · <Time at={r.time} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const detailFields = ['name', 'note', 'address4', 'address6', 'tunnel', 'subnets', 'keepalive', 'key_mode', 'preshared'];

function Edit({ peer, etag, onClose, reload }: { peer: Peer; etag: string; onClose: () => void; reload: () => Promise<void> }) {
  const fields = pick(useFields('peer'), detailFields);
  const [values, setValues] = useState<Values>(() => valuesOf(fields, peer as unknown as Record<string, unknown>));
  const { error, change } = useChange();
  useEffect(() => setValues(valuesOf(fields, peer as unknown as Record<string, unknown>)), [fields.length]);
  const submit = () => {
    const body = difference(fields, peer as unknown as Record<string, unknown>, values);
    if (!Object.keys(body).length) return onClose();
    return change({ title: t('device.change', { name: peer.name }), method: 'PATCH', path: `/api/peers/${enc(peer.name)}`, body, etag }, async () => {
      onClose();
      if (typeof body.name === 'string') go(href('devices', body.name), true);
      else await reload();
    });
  };
  return (
    <Card title={t('device.details')}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, detailFields)} />
        <SchemaForm kind="peer" fields={fields} values={values} onValues={setValues} error={error} />
        <div class="actions">
          <Button look="quiet" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" look="main">
            {t('review')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}

export function Device() {
  const name = route.value.parts[1] ?? '';
  const [peer, setPeer] = useState<Peer | null>(null);
  const [etag, setEtag] = useState('');
  const [error, setError] = useState<unknown>(null);
  const { error: failed, change } = useChange();
  const [edit, setEdit] = useState(false);
  const now = useNow(5000);
  const g = useKept(groups).data ?? [];
  const c = useKept(connections).data ?? [];
  peerBeat.value;
  const s = peerStates.get(name);
  const load = async () => {
    try {
      const r = await get<Peer>(`/api/peers/${enc(name)}`, { quiet: true });
      setPeer(r.data);
      setEtag(r.etag);
      setError(null);
    } catch (e) {
      setError(e);
    }
  };
  useEffect(() => {
    void load();
    watch(name);
    const off = onChange((row) => concerns(row, 'peer', name) && void load());
    return () => {
      off();
      watch('');
    };
  }, [name]);
  if (!peer)
    return (
      <Page title={name} back={{ to: '#/devices', label: t('nav.devices') }}>
        {error ? <ErrorBox error={error} retry={error instanceof ApiError && error.status === 404 ? undefined : load} /> : <Loading />}
      </Page>
    );
  const on = online(s, now);
  const path = `/api/peers/${enc(name)}`;
  const patch = (body: Record<string, unknown>) => change({ title: t('device.change', { name }), method: 'PATCH', path, body, etag }, load);
  const remove = () => change({ title: t('device.remove.title', { name }), method: 'DELETE', path, intro: <p>{t('device.remove.text')}</p>, save: t('remove'), danger: true, done: t('device.removed', { name }) }, () => go('#/devices'));
  const shared = (peer.groups ?? []).flatMap((x) => g.find((y) => y.name === x)?.access ?? []);
  const way = s?.leaves;
  const exit = exitStates.value.find((e) => e.name === way?.exit);
  const canWrite = may('write');
  return (
    <Page
      title={name}
      back={{ to: '#/devices', label: t('nav.devices') }}
      wide
      lead={
        <span class="status">
          <Dot tone={on ? 'good' : 'idle'} />
          {!peer.enabled ? t('device.disabled') : s && !s.active ? t('device.expired') : on ? t('device.on') : s?.handshake ? t('device.lastseen', { when: ago(s.handshake, now) }) : t('device.never')}
          {peer.note && <span class="faint"> · {peer.note}</span>}
        </span>
      }
      actions={
        canWrite ? (
          <>
            <Button icon="settings" onClick={() => setEdit(!edit)} expanded={edit}>
              {t('edit')}
            </Button>
            <Button icon="trash" look="danger" onClick={remove}>
              {t('remove')}
            </Button>
          </>
        ) : undefined
      }
    >
      {edit && <Edit peer={peer} onClose={() => setEdit(false)} etag={etag} reload={load} />}
      <div class="grid">
        <Card title={t('device.traffic')} class="span">
          <Traffic samples={watched.value.name === name ? watched.value.rates : []} label={name} />
          <Facts
            rows={[
              [t('device.got'), bytes(s?.tx ?? 0)],
              [t('device.sent'), bytes(s?.rx ?? 0)],
              [t('device.handshake'), <Time at={s?.handshake} />],
              [t('device.from'), s?.endpoint ? <code>{s.endpoint}</code> : '–'],
            ]}
          />
        </Card>
        <Card title={t('device.may')}>
          <ErrorBox error={failed} />
          <Access value={peer.access} shared={shared} disabled={!canWrite} onValue={(access) => patch({ access: access.length ? access : null })} error={fieldError(failed, 'access')} />
          {g.length > 0 && (
            <>
              <h3>{t('nav.groups')}</h3>
              {g.map((x) => (
                <Switch
                  key={x.name}
                  label={x.name}
                  help={(x.access ?? []).join(', ') || t('grant.nothing')}
                  on={(peer.groups ?? []).includes(x.name)}
                  disabled={!canWrite}
                  onSwitch={(want) => {
                    const next = want ? [...(peer.groups ?? []), x.name] : (peer.groups ?? []).filter((y) => y !== x.name);
                    void patch({ groups: next.length ? next : null });
                  }}
                />
              ))}
            </>
          )}
        </Card>
        <Card title={t('device.exit')}>
          <p class="wayline">
            <Icon name="exit" />
            {way ? (!way.may ? t('leaves.none.long') : way.closed ? t('leaves.closed.long', { exit: way.exit ?? '' }) : way.exit ? t(way.direct ? 'leaves.fallback' : 'leaves.by', { exit: way.exit }) : t('leaves.direct')) : '…'}
            {exit && <Badge tone={exit.state === 'up' ? 'good' : 'bad'}>{exitState(exit)}</Badge>}
          </p>
          <Choice label={t('device.exit.own')} help={t('device.exit.help')} value={peer.exit ?? ''} disabled={!canWrite} onSave={(v) => patch({ exit: v || null })} options={refOptions({ ref: 'connection', choices: ['direct'] }, c.map((x) => x.name), t('exit.asgroup'))} error={fieldError(failed, 'exit')} />
          <Choice
            label={t('device.failopen')}
            help={t('device.failopen.help')}
            value={peer.failopen === null ? '' : String(peer.failopen)}
            disabled={!canWrite}
            onSave={(v) => patch({ failopen: v === '' ? null : v === 'true' })}
            options={[
              { value: '', label: t('failopen.as') },
              { value: 'false', label: t('failopen.no') },
              { value: 'true', label: t('failopen.yes') },
            ]}
          />
          <h3>{t('device.life')}</h3>
          <Switch label={t('device.enabled')} help={t('device.enabled.help')} on={peer.enabled} disabled={!canWrite} onSwitch={(want) => patch({ enabled: want })} />
          <Expiry peer={peer} disabled={!canWrite} onSave={(expires) => patch({ expires })} />
        </Card>
        <Passed of="peer" name={name} />
        <Config peer={peer} reload={load} />
        <Why name={name} />
        <Card title={t('device.facts')}>
          <Facts
            rows={[
              ['IPv4', <code>{peer.address4}</code>],
              ['IPv6', <code>{peer.address6}</code>],
              [t('device.key'), <code class="wrap">{peer.public_key}</code>],
              [t('device.created'), when(peer.created)],
              [t('device.shown'), peer.config_shown ? when(peer.config_shown) : t('device.notyet')],
            ]}
          />
        </Card>
        <Past name={name} />
      </div>
    </Page>
  );
}

function Expiry({ peer, disabled, onSave }: { peer: Peer; disabled: boolean; onSave: (v: string | null) => unknown }) {
  const local = (iso: string | null): string => (iso ? new Date(new Date(iso).getTime() - new Date(iso).getTimezoneOffset() * 60000).toISOString().slice(0, 16) : '');
  const [value, setValue] = useState(local(peer.expires));
  useEffect(() => setValue(local(peer.expires)), [peer.expires]);
  return (
    <div class="expiry">
      <Input label={t('device.expires')} help={peer.expires ? t('device.expires.at', { when: when(peer.expires) }) : t('device.expires.never')} type="datetime-local" value={value} disabled={disabled} onValue={setValue} />
      {value !== local(peer.expires) && (
        <div class="actions">
          <Button small look="quiet" onClick={() => setValue(local(peer.expires))}>
            {t('cancel')}
          </Button>
          <Button small look="main" onClick={() => onSave(value ? new Date(value).toISOString().replace(/\.\d+Z/, 'Z') : null)}>
            {t('review')}
          </Button>
        </div>
      )}
    </div>
  );
}
