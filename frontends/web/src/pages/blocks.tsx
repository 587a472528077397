// Block lists, how each does, and whether a name is blocked: a part of the page of names.
import { useEffect, useState } from 'preact/hooks';
import { enc, get, post } from '../api';
import { useChange } from '../change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { t, type Key } from '../i18n';
import { may } from '../session';
import { blocklists, useKept } from '../store';
import type { Blocklist } from '../types';
import { Button, Card, ErrorBox, Form, Note, Said } from '../ui/basic';
import { Icon } from '../ui/icon';

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

/** A new list, or one that is there. */
function Edit(p: { list: Blocklist | null; onClose: () => void }) {
  const fields = useFields('blocklist').filter((f) => !f.system);
  const before = (p.list ?? {}) as unknown as Record<string, unknown>;
  const [values, setValues] = useState<Values>(valuesOf(fields, before));
  const { error, change } = useChange(blocklists);
  const title = p.list ? t('blocks.change', { name: p.list.name }) : t('blocks.add');
  const submit = () =>
    change(
      {
        title,
        method: p.list ? 'PATCH' : 'POST',
        path: p.list ? `/api/dns/blocklists/${enc(p.list.name)}` : '/api/dns/blocklists',
        body: difference(fields, before, values),
      },
      p.onClose,
    );
  return (
    <Card title={title}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, fields.map((f) => f.name))} />
        <SchemaForm kind="blocklist" fields={fields} values={values} onValues={setValues} error={error} />
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

function List(p: { list: Blocklist; told?: Told; onEdit: () => void; onRemove: () => void }) {
  const { list: l, told: d } = p;
  return (
    <li class="card rule">
      <Icon name="shield" size={26} />
      <div class="grow">
        <p class="big wrap">{l.name}</p>
        <p class="help wrap">
          {!l.enabled ? t('zones.off') : d ? t(states[d.state] ?? 'blocks.waiting', { names: d.names, blocked: d.blocked }) : null}
          {l.groups?.length > 0 && <> · {t('blocks.for', { groups: l.groups.join(', ') })}</>}
          {l.note && <> · {l.note}</>}
        </p>
        <p class="help wrap">{l.source}</p>
        {d?.error && <Said text={d.error} />}
        {d?.hint && <Said text={d.hint} />}
      </div>
      {may('write') && <Button small look="quiet" onClick={p.onEdit} label={t('blocks.change', { name: l.name })}>{t('names.edit')}</Button>}
      {may('write') && <Button small look="quiet" icon="trash" label={t('blocks.remove', { name: l.name })} onClick={p.onRemove} />}
    </li>
  );
}

export function Blocks() {
  const kept = useKept(blocklists);
  const [open, setOpen] = useState<string | null>(null); // "" a new one
  const [status, setStatus] = useState<Status | null>(null);
  const [busy, setBusy] = useState(false);
  const { error, setError, change } = useChange(blocklists);
  const look = async () => {
    try {
      setStatus((await get<Status>('/api/dns/blocks')).data);
    } catch (e) {
      setError(e);
    }
  };
  useEffect(() => void look(), [kept.data]);
  const refresh = async () => {
    setBusy(true);
    setError(null);
    try {
      setStatus((await post<Status>('/api/dns/blocks/refresh', {})).data);
    } catch (e) {
      setError(e);
    }
    setBusy(false);
  };
  const remove = (l: Blocklist) => change({ title: t('blocks.remove', { name: l.name }), method: 'DELETE', path: `/api/dns/blocklists/${enc(l.name)}`, danger: true, save: t('remove') });
  return (
    <section class="stack" aria-labelledby="blocks">
      <h2 id="blocks">{t('blocks.title')}</h2>
      <p class="help">{t('blocks.lead')}</p>
      <ErrorBox error={error ?? kept.error} />
      {status?.error && (
        <Note tone="warn">
          <Said text={status.error} />
        </Note>
      )}
      {open === '' && <Edit list={null} onClose={() => setOpen(null)} />}
      <ul class="stack plain">
        {kept.data?.map((l) =>
          open === l.name ? (
            <li key={l.name}>
              <Edit list={l} onClose={() => setOpen(null)} />
            </li>
          ) : (
            <List key={l.name} list={l} told={status?.lists.find((x) => x.name === l.name)} onEdit={() => setOpen(l.name)} onRemove={() => remove(l)} />
          ),
        )}
      </ul>
      {may('write') && open === null && (
        <div class="actions">
          {kept.data?.some((l) => l.enabled) && (
            <Button look="quiet" onClick={refresh} disabled={busy}>
              {t('blocks.refresh')}
            </Button>
          )}
          <Button icon="plus" onClick={() => setOpen('')}>
            {t('blocks.add')}
          </Button>
        </div>
      )}
    </section>
  );
}
