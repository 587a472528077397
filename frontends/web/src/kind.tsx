// Objects of one kind: a list of them, a form for a new one or one that is there, and the way out. Only what a kind tells of each
// is its own.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { enc } from './api';
import { useChange, type Proposal } from './change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Value, type Values } from './forms';
import { t, type Key } from './i18n';
import { may } from './session';
import { useKept, type Resource } from './store';
import type { SchemaField } from './types';
import { Button, Card, Empty, ErrorBox, Form, Loading } from './ui/basic';
import { Icon, type IconName } from './ui/icon';

export interface Kind<T> {
  kind: string; // as /api/schema calls it
  path: string;
  of: Resource<T[]>;
  icon: IconName;
  words: { add: Key; change: Key; remove: Key; none?: Key; more?: Key };
  role?: 'admin';
  /** What else is asked of who removes one. */
  removing?: Partial<Proposal>;
  /** Where one field says which others are of use: their names. */
  uses?: (values: Record<string, unknown>) => string[];
  show: (x: T, buttons: ComponentChildren) => ComponentChildren;
}

/** What a new one is when nothing else is said: shown, and not sent. */
const usual = (f: SchemaField): Value => (f.default === null ? null : f.type === 'bool' ? f.default === 'true' : f.type === 'enum' ? f.default : null);

/** What is sent of a kind whose fields depend on one of them: what the former choice had and this one cannot use goes with it,
 * also secrets, which are not read back. */
function fitting(fields: SchemaField[], before: Record<string, unknown>, values: Values, uses: string[], was: string[] | null): Record<string, unknown> {
  const body = difference(fields, before, Object.fromEntries(Object.entries(values).map(([k, v]) => [k, uses.includes(k) ? v : null])));
  for (const f of fields) {
    if (f.secret && was?.includes(f.name) && !uses.includes(f.name)) body[f.name] = null;
    if (!was && body[f.name] === usual(f)) delete body[f.name];
  }
  return body;
}

/** A new one, or one that is there. */
function Edit<T extends { name: string }>(p: { k: Kind<T>; one: T | null; title: string; onClose: () => void }) {
  const { k, one } = p;
  const fields = useFields(k.kind).filter((f) => !f.system);
  const before = (one ?? {}) as Record<string, unknown>;
  const [values, setValues] = useState<Values>(k.uses && !one ? Object.fromEntries(fields.map((f) => [f.name, usual(f)])) : valuesOf(fields, before));
  const { error, change } = useChange(k.of);
  const uses = k.uses?.(values);
  const shown = uses ? fields.filter((f) => uses.includes(f.name)) : fields;
  const submit = () =>
    change(
      {
        title: p.title,
        method: one ? 'PATCH' : 'POST',
        path: one ? `${k.path}/${enc(one.name)}` : k.path,
        body: uses ? fitting(fields, before, values, uses, one && (k.uses?.(before) ?? [])) : difference(fields, before, values),
      },
      p.onClose,
    );
  return (
    <Card title={p.title}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, shown.map((f) => f.name))} />
        <SchemaForm kind={k.kind} fields={shown} values={values} onValues={setValues} error={error} />
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

/** How most kinds show one: a picture, a name, some lines. */
export const Line = (p: { icon: IconName; title: ComponentChildren; children: ComponentChildren; buttons?: ComponentChildren }) => (
  <div class="card rule">
    <Icon name={p.icon} size={26} />
    <div class="grow">
      <p class="big wrap">{p.title}</p>
      {p.children}
    </div>
    {p.buttons && <div class="actions">{p.buttons}</div>}
  </div>
);

/** The list, with what is being written in it; the button that adds one, while nothing is; what went wrong. */
export function useKind<T extends { name: string }>(k: Kind<T>) {
  const kept = useKept(k.of);
  const [open, setOpen] = useState<string | null>(null); // "" a new one
  const { error, setError, attempt, change } = useChange(k.of);
  const writes = may(k.role ?? 'write');
  const edit = (one: T | null, title: string) => <Edit k={k} one={one} title={title} onClose={() => setOpen(null)} />;
  const buttons = (x: T) => {
    const title = t(k.words.remove, { name: x.name });
    const remove = () => change({ title, method: 'DELETE', path: `${k.path}/${enc(x.name)}`, danger: true, save: t('remove'), ...k.removing });
    return (
      writes && (
        <>
          <Button small look="quiet" onClick={() => setOpen(x.name)} label={t(k.words.change, { name: x.name })}>
            {t('names.edit')}
          </Button>
          <Button small look="quiet" icon="trash" label={title} onClick={remove} />
        </>
      )
    );
  };
  const list = (
    <>
      {open === '' && edit(null, t(k.words.add))}
      {!kept.data && !kept.error && <Loading />}
      {k.words.none && kept.data?.length === 0 && open === null && (
        <Empty icon={k.icon} title={t(k.words.none)}>
          {k.words.more && t(k.words.more)}
        </Empty>
      )}
      <ul class="stack plain">
        {kept.data?.map((x) => (
          <li key={x.name}>{open === x.name ? edit(x, t(k.words.change, { name: x.name })) : k.show(x, buttons(x))}</li>
        ))}
      </ul>
    </>
  );
  const add = (look: 'main' | 'plain' = 'main') =>
    writes && open === null ? (
      <Button look={look} icon="plus" onClick={() => setOpen('')}>
        {t(k.words.add)}
      </Button>
    ) : undefined;
  return { kept, list, add, error: error ?? kept.error, setError, attempt };
}

/** A kind that is a part of a page. */
export function Section(p: { id: string; title: string; lead: string; error: unknown; list: ComponentChildren; children?: ComponentChildren; actions?: ComponentChildren }) {
  return (
    <section class="stack" aria-labelledby={p.id}>
      <h2 id={p.id}>{p.title}</h2>
      <p class="help">{p.lead}</p>
      <ErrorBox error={p.error} />
      {p.children}
      {p.list}
      {p.actions && <div class="actions">{p.actions}</div>}
    </section>
  );
}
