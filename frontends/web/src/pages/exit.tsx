import { Passed } from '../traffic';
import { useEffect, useState } from 'preact/hooks';
import { enc, get, post } from '../api';
import { useChange } from '../change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { bytes, ms, num, when } from '../format';
import { t } from '../i18n';
import { exitStates } from '../live';
import { go, href, route } from '../router';
import { may } from '../session';
import { connections, useKept } from '../store';
import type { Connection, SchemaField } from '../types';
import { Badge, Button, Card, Copy, Empty, ErrorBox, Facts, Form, Loading, Note, Page, Said, Select, Switch, tell, Time } from '../ui/basic';
import { Icon } from '../ui/icon';
import { Order } from '../ui/order';
import { say } from '../ui/toast';
import { exitState, exitTone, typeWord } from '../words';

interface Trial {
  name: string;
  up: boolean;
  state: string;
  active: string | null;
  error: { message: string; hint: string | null } | null;
  checks: { what: string; good: boolean; value: string | null; message: string | null; hint: string | null }[];
}
const checkWord = (what: string): string =>
  what === 'address4' ? t('check.address4') : what === 'address6' ? t('check.address6') : what === 'dns' ? t('check.dns') : what === 'udp' ? t('check.udp') : what === 'leak' ? t('check.leak') : what;

function Test({ name }: { name: string }) {
  const [trial, setTrial] = useState<Trial | null>(null);
  const [error, setError] = useState<unknown>(null);
  const run = async () => {
    setError(null);
    setTrial(null);
    try {
      setTrial((await post<Trial>(`/api/connectivity/connections/${enc(name)}/test`, {}, { timeout: 60000 })).data);
    } catch (e) {
      setError(e);
    }
  };
  return (
    <Card title={t('test.title')} actions={may('write') ? <Button icon="play" onClick={run}>{t('test.run')}</Button> : undefined}>
      <p class="help">{t('test.text')}</p>
      <div aria-live="polite">
        <ErrorBox error={error} />
        {trial?.error && (
          <Note tone="bad">
            <strong><Said text={trial.error.message} /></strong> <Said text={trial.error.hint ?? ''} />
          </Note>
        )}
        {trial && (
          <ul class="checklist">
            {trial.checks.map((c) => (
              <li key={c.what} class={c.good ? 'good' : 'bad'}>
                <Icon name={c.good ? 'check' : 'bad'} />
                <div>
                  <p>
                    <strong>{checkWord(c.what)}</strong> {c.value && <code>{c.value}</code>} <span class="hidden">{t(c.good ? 'check.good' : 'check.bad')}</span>
                  </p>
                  {c.message && <p><Said text={c.message} /></p>}
                  {c.hint && <p class="help">{c.hint}</p>}
                </div>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

interface Line {
  carries: string;
  state: string;
  packet: string;
  verdict: string;
}

/** The table from which the firewall's rules are made, as a table: packets by states. */
function Policy({ of }: { of: string }) {
  const [open, setOpen] = useState(false);
  const [lines, setLines] = useState<Line[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (!open || lines) return;
    get<Line[] | { rows: Line[] }>(`/api/connectivity/policy?of=${enc(of)}`).then((r) => setLines(Array.isArray(r.data) ? r.data : r.data.rows), setError);
  }, [open]);
  const states = [...new Set((lines ?? []).map((l) => l.state))];
  const packets = [...new Set((lines ?? []).map((l) => l.packet))];
  const carries = (lines ?? [])[0]?.carries;
  const at = new Map((lines ?? []).filter((l) => l.carries === carries).map((l) => [`${l.packet}|${l.state}`, l.verdict]));
  return (
    <Card title={t('policy.title')} class="span">
      <p class="help">{t('policy.text')}</p>
      <div class="actions">
        <Button icon="shield" expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'policy.hide' : 'policy.show')}
        </Button>
      </div>
      <ErrorBox error={error} />
      {open && !lines && !error && <Loading />}
      {open && lines && (
        <div class="scroll" tabIndex={0} role="group" aria-label={t('policy.title')}>
          <table class="policy">
            <thead>
              <tr>
                <th scope="col">{t('policy.packet')}</th>
                {states.map((s) => (
                  <th scope="col" key={s}>
                    {s}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {packets.map((p) => (
                <tr key={p}>
                  <th scope="row">{p}</th>
                  {states.map((s) => {
                    const v = at.get(`${p}|${s}`) ?? '–';
                    return (
                      <td key={s} class={v === 'drop' || v === 'reject' ? 'no' : 'yes'}>
                        {v}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

/** Which fields a type has is told by the help of each: "wireguard, ssh: …" */
export function fieldsOfType(fields: SchemaField[], type: string): SchemaField[] {
  const types = ['wireguard', 'openvpn', 'tor', 'ssh', 'proxy', 'block', 'group'];
  return fields.filter((f) => {
    if (f.system || ['name', 'type', 'enabled', 'failopen', 'members', 'profile'].includes(f.name)) return false;
    const m = /^([a-z, ]+):/.exec(f.help);
    const words = m?.[1]?.split(',').map((w) => w.trim()) ?? [];
    if (!words.some((w) => types.includes(w))) return type !== 'block' && type !== 'group' ? true : f.name === 'note';
    return words.includes(type);
  });
}

function Edit({ c, onClose }: { c: Connection; onClose: () => void }) {
  const all = useFields('connection');
  const nameField = all.filter((f) => f.name === 'name');
  const fields = [...nameField, ...fieldsOfType(all, c.type)];
  const [values, setValues] = useState<Values>({});
  const { error, change } = useChange(connections);
  useEffect(() => setValues(valuesOf(fields, c)), [all.length]);
  const submit = () => {
    const body = difference(fields, c, values);
    if (!Object.keys(body).length) return onClose();
    return change({ title: t('exit.change', { name: c.name }), method: 'PATCH', path: `/api/connectivity/connections/${enc(c.name)}`, body }, () => {
      onClose();
      if (typeof body.name === 'string') go(href('exits', body.name), true);
    });
  };
  return (
    <Card title={t('exit.settings')}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, fields.map((f) => f.name))} />
        <SchemaForm kind="connection" fields={fields} values={values} onValues={setValues} error={error} />
        <p class="help">{t('exit.secrets')}</p>
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

function Members({ c, patch }: { c: Connection; patch: (body: Record<string, unknown>) => Promise<unknown> }) {
  const all = useKept(connections).data ?? [];
  const states = new Map(exitStates.value.map((e) => [e.name, e]));
  const [names, setNames] = useState(c.members ?? []);
  useEffect(() => setNames(c.members ?? []), [JSON.stringify(c.members)]);
  const others = all.filter((x) => x.name !== c.name && !names.includes(x.name));
  const dirty = JSON.stringify(names) !== JSON.stringify(c.members ?? []);
  return (
    <Card title={t('members.title')}>
      <p class="help">{t('members.text')}</p>
      <Order
        label={t('members.title')}
        names={names}
        onOrder={setNames}
        onRemove={(n) => setNames(names.filter((x) => x !== n))}
        row={(n) => (
          <>
            {n} <Badge tone={exitTone(states.get(n))}>{exitState(states.get(n))}</Badge>
          </>
        )}
      />
      {others.length > 0 && (
        <Select label={t('members.add')} value="" onValue={(v) => v && setNames([...names, v])} options={[{ value: '', label: t('choose') }, ...others.map((o) => ({ value: o.name, label: o.name }))]} />
      )}
      {dirty && (
        <div class="actions">
          <Button look="quiet" onClick={() => setNames(c.members ?? [])}>
            {t('cancel')}
          </Button>
          <Button look="main" onClick={() => patch({ members: names })}>
            {t('review')}
          </Button>
        </div>
      )}
    </Card>
  );
}

export function Exit() {
  const name = route.value.parts[1] ?? '';
  const kept = useKept(connections);
  const { error, change } = useChange(connections);
  const [edit, setEdit] = useState(false);
  const s = exitStates.value.find((e) => e.name === name);
  const c = kept.data?.find((x) => x.name === name);
  const canWrite = may('write');
  if (!c)
    return (
      <Page title={name} back={{ to: '#/exits', label: t('nav.exits') }}>
        {kept.data ? <Empty icon="search" title={t('lost.text')} /> : <Loading />}
      </Page>
    );
  const path = `/api/connectivity/connections/${enc(name)}`;
  const patch = (body: Record<string, unknown>) => change({ title: t('exit.change', { name }), method: 'PATCH', path, body });
  const remove = () => change({ title: t('exit.remove', { name }), method: 'DELETE', path, save: t('remove'), danger: true, done: t('exit.removed', { name }) }, () => go('#/exits'));
  const restart = async () => {
    await post(`${path}/restart`, {}, { timeout: 60000 });
    say(t('exit.restarted', { name }), { tone: 'good' });
  };
  return (
    <Page
      title={name}
      wide
      back={{ to: '#/exits', label: t('nav.exits') }}
      lead={
        <span class="status">
          <Badge tone={exitTone(s)}>{exitState(s)}</Badge> {typeWord(c.type)}
          {c.note && <span class="faint"> · {c.note}</span>}
        </span>
      }
      actions={
        canWrite ? (
          <>
            {c.type !== 'group' && c.type !== 'block' && (
              <Button icon="refresh" onClick={() => restart().catch(tell)}>
                {t('exit.restart')}
              </Button>
            )}
            <Button icon="settings" expanded={edit} onClick={() => setEdit(!edit)}>
              {t('edit')}
            </Button>
            <Button icon="trash" look="danger" onClick={remove}>
              {t('remove')}
            </Button>
          </>
        ) : undefined
      }
    >
      <ErrorBox error={error} />
      {edit && <Edit c={c} onClose={() => setEdit(false)} />}
      {s?.error && (
        <Note tone="bad">
          <strong><Said text={s.error.message} /></strong> <Said text={s.error.hint ?? ''} />
        </Note>
      )}
      <div class="grid">
        <Card title={t('exit.health')}>
          <Facts
            rows={[
              [t('exit.state'), exitState(s)],
              [t('exit.since'), s?.since ? <Time at={s.since} /> : '–'],
              [t('exit.latency'), s?.latency_us ? ms(s.latency_us) : '–'],
              [t('exit.loss'), s?.loss === null || s?.loss === undefined ? '–' : `${num(s.loss)} %`],
              [t('exit.outside'), s?.address4 || s?.address6 ? <code>{[s.address4, s.address6].filter(Boolean).join(', ')}</code> : '–'],
              [t('exit.traffic'), `↓ ${bytes(s?.rx ?? 0)} ↑ ${bytes(s?.tx ?? 0)}`],
              [t('exit.users'), t('n.devices', { n: s?.users ?? 0 })],
              ...(s?.active ? ([[t('exit.now'), s.active]] as [string, string][]) : []),
            ]}
          />
          <Switch label={t('exit.enabled')} help={t('exit.enabled.help')} on={c.enabled} disabled={!canWrite} onSwitch={(on) => patch({ enabled: on })} />
          <Switch label={t('exit.failopen')} help={t('exit.failopen.help')} on={c.failopen} disabled={!canWrite} onSwitch={(on) => patch({ failopen: on })} />
        </Card>
        {c.type === 'group' && <Members c={c} patch={patch} />}
        {c.type !== 'block' && <Test name={name} />}
        <Card title={t('exit.facts')}>
          <Facts
            rows={[
              [t('field.endpoint'), c.endpoint ? <code>{c.endpoint}</code> : (s?.remote ?? '–')],
              [t('exit.ourkey'), c.public_key ? <><code class="wrap">{c.public_key}</code> <Copy text={c.public_key} /></> : '–'],
              [t('device.created'), when(c.created)],
            ]}
          />
        </Card>
        {c.type !== 'block' && <Passed of="connection" name={name} />}
        <Policy of={name} />
      </div>
    </Page>
  );
}

