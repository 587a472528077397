// Zones of others, and whom the cell asks for them: a part of the page of names.
import { useState } from 'preact/hooks';
import { enc } from '../api';
import { useChange } from '../change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { t } from '../i18n';
import { may } from '../session';
import { forwards, useKept } from '../store';
import type { Forward } from '../types';
import { Button, Card, ErrorBox, Form } from '../ui/basic';
import { Icon } from '../ui/icon';

/** A new zone, or one that is there. */
function Edit(p: { zone: Forward | null; onClose: () => void }) {
  const fields = useFields('forward').filter((f) => !f.system);
  const before = (p.zone ?? {}) as unknown as Record<string, unknown>;
  const [values, setValues] = useState<Values>(valuesOf(fields, before));
  const { error, change } = useChange(forwards);
  const title = p.zone ? t('zones.change', { name: p.zone.name }) : t('zones.add');
  const submit = () =>
    change(
      {
        title,
        method: p.zone ? 'PATCH' : 'POST',
        path: p.zone ? `/api/dns/forwards/${enc(p.zone.name)}` : '/api/dns/forwards',
        body: difference(fields, before, values),
      },
      p.onClose,
    );
  return (
    <Card title={title}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, fields.map((f) => f.name))} />
        <SchemaForm kind="forward" fields={fields} values={values} onValues={setValues} error={error} />
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

function Zone(p: { zone: Forward; onEdit: () => void; onRemove: () => void }) {
  const z = p.zone;
  return (
    <li class="card rule">
      <Icon name="names" size={26} />
      <div class="grow">
        <p class="big wrap">{z.name}</p>
        <p class="help wrap">
          {z.enabled ? t('zones.asks', { servers: z.servers.join(', ') }) : t('zones.off')}
          {z.note && <> · {z.note}</>}
        </p>
      </div>
      {may('write') && <Button small look="quiet" onClick={p.onEdit} label={t('zones.change', { name: z.name })}>{t('names.edit')}</Button>}
      {may('write') && <Button small look="quiet" icon="trash" label={t('zones.remove', { name: z.name })} onClick={p.onRemove} />}
    </li>
  );
}

export function Zones() {
  const kept = useKept(forwards);
  const [open, setOpen] = useState<string | null>(null); // "" a new one
  const { error, change } = useChange(forwards);
  const remove = (z: Forward) => change({ title: t('zones.remove', { name: z.name }), method: 'DELETE', path: `/api/dns/forwards/${enc(z.name)}`, danger: true, save: t('remove') });
  return (
    <section class="stack" aria-labelledby="zones">
      <h2 id="zones">{t('zones.title')}</h2>
      <p class="help">{t('zones.lead')}</p>
      <ErrorBox error={error ?? kept.error} />
      {open === '' && <Edit zone={null} onClose={() => setOpen(null)} />}
      <ul class="stack plain">
        {kept.data?.map((z) =>
          open === z.name ? (
            <li key={z.name}>
              <Edit zone={z} onClose={() => setOpen(null)} />
            </li>
          ) : (
            <Zone key={z.name} zone={z} onEdit={() => setOpen(z.name)} onRemove={() => remove(z)} />
          ),
        )}
      </ul>
      {may('write') && open === null && (
        <div class="actions">
          <Button icon="plus" onClick={() => setOpen('')}>
            {t('zones.add')}
          </Button>
        </div>
      )}
    </section>
  );
}
