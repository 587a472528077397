// Web servers of the owner behind the cell's front: who has the grant reaches them, by HTTPS, and nobody else does.
import { useEffect, useState } from 'preact/hooks';
import { enc, get } from '../api';
import { useChange } from '../change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { t, type Key } from '../i18n';
import { may } from '../session';
import { services, useKept } from '../store';
import type { Service } from '../types';
import { Button, Card, Empty, ErrorBox, Form, Loading, Note, Page } from '../ui/basic';
import { Icon } from '../ui/icon';

interface Told {
  name: string;
  url: string;
  state: 'up' | 'down' | 'nowhere' | null;
  why: string | null;
}
interface Front {
  wished: boolean;
  ready: boolean;
  services: Told[];
}

const states: Record<string, Key> = { up: 'services.up', down: 'services.down', nowhere: 'services.nowhere' };

/** A new one, or one that is there. */
function Edit(p: { service: Service | null; onClose: () => void }) {
  const fields = useFields('service').filter((f) => !f.system);
  const before = (p.service ?? {}) as unknown as Record<string, unknown>;
  const [values, setValues] = useState<Values>(valuesOf(fields, before));
  const { error, change } = useChange(services);
  const title = p.service ? t('services.change', { name: p.service.name }) : t('services.add');
  const submit = () =>
    change(
      {
        title,
        method: p.service ? 'PATCH' : 'POST',
        path: p.service ? `/api/services/${enc(p.service.name)}` : '/api/services',
        body: difference(fields, before, values),
      },
      p.onClose,
    );
  return (
    <Card title={title}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, fields.map((f) => f.name))} />
        <SchemaForm kind="service" fields={fields} values={values} onValues={setValues} error={error} />
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

function One(p: { service: Service; told?: Told; onEdit: () => void; onRemove: () => void }) {
  const s = p.service;
  const bad = p.told?.state === 'down' || p.told?.state === 'nowhere';
  return (
    <li class="card rule">
      <Icon name="services" size={26} />
      <div class="grow">
        <p class="big wrap">{p.told && s.enabled ? <a href={p.told.url}>{s.name}</a> : s.name}</p>
        <p class="help wrap">
          {s.target} · {s.enabled ? t(states[p.told?.state ?? ''] ?? 'services.unknown') : t('services.off')}
          {s.note && <> · {s.note}</>}
        </p>
        {bad && p.told?.why && (
          <p class="help wrap" lang="en">
            {p.told.why}
          </p>
        )}
      </div>
      {may('write') && <Button small look="quiet" onClick={p.onEdit} label={t('services.change', { name: s.name })}>{t('names.edit')}</Button>}
      {may('write') && <Button small look="quiet" icon="trash" label={t('services.remove', { name: s.name })} onClick={p.onRemove} />}
    </li>
  );
}

export function Services() {
  const kept = useKept(services);
  const [front, setFront] = useState<Front | null>(null);
  const [open, setOpen] = useState<string | null>(null); // "" a new one
  const { error, attempt, change } = useChange(services);
  const look = () => attempt(async () => setFront((await get<Front>('/api/front')).data));
  useEffect(() => void look(), [kept.data]);
  const remove = (s: Service) => change({ title: t('services.remove', { name: s.name }), method: 'DELETE', path: `/api/services/${enc(s.name)}`, danger: true, save: t('remove') });
  return (
    <Page title={t('nav.services')} lead={t('services.lead')} actions={may('write') && open === null ? <Button look="main" icon="plus" onClick={() => setOpen('')}>{t('services.add')}</Button> : undefined}>
      <ErrorBox error={error ?? kept.error} retry={look} />
      {front && !front.ready && <Note tone="warn">{t(front.wished ? 'services.noroot' : 'services.nofront')}</Note>}
      {open === '' && <Edit service={null} onClose={() => setOpen(null)} />}
      {!kept.data && !kept.error && <Loading />}
      {kept.data?.length === 0 && open === null && (
        <Empty icon="services" title={t('services.none')}>
          {t('services.none.text')}
        </Empty>
      )}
      <ul class="stack plain">
        {kept.data?.map((s) =>
          open === s.name ? (
            <li key={s.name}>
              <Edit service={s} onClose={() => setOpen(null)} />
            </li>
          ) : (
            <One key={s.name} service={s} told={front?.services.find((x) => x.name === s.name)} onEdit={() => setOpen(s.name)} onRemove={() => remove(s)} />
          ),
        )}
      </ul>
    </Page>
  );
}
