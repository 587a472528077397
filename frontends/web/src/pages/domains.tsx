// The cell's names in the internet: what there is, whether each leads here, and how it is kept.
import { useEffect, useState } from 'preact/hooks';
import { enc, get, post } from '../api';
import { useChange } from '../change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Value, type Values } from '../forms';
import { t, type Key } from '../i18n';
import { may } from '../session';
import { domains, useKept } from '../store';
import type { Domain, SchemaField } from '../types';
import { Button, Card, Empty, ErrorBox, Facts, Form, Loading, Note, Page, Said } from '../ui/basic';
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

/** What a new one is when nothing else is said: shown, and not sent. */
const usual = (f: SchemaField): Value => (f.default === null ? null : f.type === 'bool' ? f.default === 'true' : f.type === 'enum' ? f.default : null);

/** A new name, or one that is there: only what its mode can use. */
function Edit(p: { domain: Domain | null; modes: Mode[]; onClose: () => void }) {
  const all = useFields('domain').filter((f) => !f.system);
  const before = (p.domain ?? {}) as unknown as Record<string, unknown>;
  const [values, setValues] = useState<Values>(p.domain ? valuesOf(all, before) : Object.fromEntries(all.map((f) => [f.name, usual(f)])));
  const { error, change } = useChange(domains);
  const uses = p.modes.find((m) => m.name === values.mode)?.fields ?? ['name', 'mode'];
  const shown = all.filter((f) => uses.includes(f.name));
  const submit = () => {
    const kept = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, uses.includes(k) ? v : null]));
    const body = difference(all, before, kept);
    const was = p.modes.find((m) => m.name === p.domain?.mode)?.fields ?? [];
    // What the former mode had and this one cannot use goes with it: also secrets, which are not read back.
    for (const f of all) if (f.secret && was.includes(f.name) && !uses.includes(f.name)) body[f.name] = null;
    if (!p.domain) for (const f of all) if (body[f.name] === usual(f)) delete body[f.name];
    const path = '/api/domains';
    return change(p.domain ? { title: t('domains.change', { name: p.domain.name }), method: 'PATCH', path: `${path}/${enc(p.domain.name)}`, body } : { title: t('domains.add'), method: 'POST', path, body }, p.onClose);
  };
  return (
    <Card title={p.domain ? t('domains.change', { name: p.domain.name }) : t('domains.add')}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, shown.map((f) => f.name))} />
        <SchemaForm kind="domain" fields={shown} values={values} onValues={setValues} error={error} />
        <div class="actions">
          <Button look="quiet" onClick={p.onClose}>
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

function One(p: { domain: Domain; told?: Told; onEdit: () => void; onRemove: () => void; onPublish: () => void }) {
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
        {may('admin') && <Button look="quiet" onClick={p.onEdit} label={t('domains.change', { name: d.name })}>{t('names.edit')}</Button>}
        {may('admin') && <Button look="quiet" icon="trash" label={t('domains.remove', { name: d.name })} onClick={p.onRemove} />}
        {may('write') && state !== 'off' && <Button icon="refresh" onClick={p.onPublish}>{t('domains.publish')}</Button>}
      </div>
    </Card>
  );
}

export function Domains() {
  const kept = useKept(domains);
  const [outside, setOutside] = useState<Outside | null>(null);
  const [open, setOpen] = useState<string | null>(null); // "" a new one
  const { error, attempt, change } = useChange(domains);
  const look = () =>
    attempt(async () => {
      setOutside((await get<Outside>('/api/domains/status')).data);
    });
  useEffect(() => void look(), [kept.data]);
  const remove = (d: Domain) => change({ title: t('domains.remove', { name: d.name }), method: 'DELETE', path: `/api/domains/${enc(d.name)}`, danger: true, save: t('remove'), option: { label: t('cert.withdraw'), query: 'revoke' } });
  const publish = (d: Domain) =>
    attempt(async () => {
      await post(`/api/domains/${enc(d.name)}/publish`);
      await domains.load(true);
    });
  return (
    <Page title={t('nav.domains')} lead={t('domains.lead')} actions={may('admin') && outside && open === null ? <Button look="main" icon="plus" onClick={() => setOpen('')}>{t('domains.add')}</Button> : undefined}>
      <ErrorBox error={error ?? kept.error} retry={look} />
      {open === '' && outside && <Edit domain={null} modes={outside.modes} onClose={() => setOpen(null)} />}
      {!kept.data && !kept.error && <Loading />}
      {kept.data?.length === 0 && open === null && (
        <Empty icon="domains" title={t('domains.none')}>
          {t('domains.none.text')}
        </Empty>
      )}
      {kept.data?.map((d) =>
        open === d.name && outside ? (
          <Edit key={d.name} domain={d} modes={outside.modes} onClose={() => setOpen(null)} />
        ) : (
          <One key={d.name} domain={d} told={outside?.domains.find((x) => x.name === d.name)} onEdit={() => setOpen(d.name)} onRemove={() => remove(d)} onPublish={() => publish(d)} />
        ),
      )}
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
