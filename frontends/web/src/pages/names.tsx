// The owner's own names in the cell's zone.
import { useState } from 'preact/hooks';
import { enc } from '../api';
import { useChange } from '../change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { t } from '../i18n';
import { may } from '../session';
import { cell, records, useKept } from '../store';
import type { DnsRecord } from '../types';
import { Button, Card, Empty, ErrorBox, Form, Loading, Note, Page } from '../ui/basic';
import { Icon } from '../ui/icon';
import { Blocks } from './blocks';
import { Zones } from './zones';

/** What a name has, in a line: "192.168.1.10, mail to nas". */
function has(r: DnsRecord): string {
  const parts = [r.cname && t('names.alias', { name: r.cname }), r.addresses?.join(', '), r.mx?.map((x) => `MX ${x}`).join(', '), r.srv?.map((x) => `SRV ${x}`).join(', '), r.txt?.map((x) => `TXT ${x}`).join(', ')];
  return parts.filter(Boolean).join(' · ');
}

/** A new name, or one that is there. */
function Edit(p: { record: DnsRecord | null; onClose: () => void }) {
  const fields = useFields('record').filter((f) => !f.system);
  const before = (p.record ?? {}) as unknown as Record<string, unknown>;
  const [values, setValues] = useState<Values>(valuesOf(fields, before));
  const { error, change } = useChange(records);
  const submit = () =>
    change(
      {
        title: p.record ? t('names.change', { name: p.record.name }) : t('names.add'),
        method: p.record ? 'PATCH' : 'POST',
        path: p.record ? `/api/dns/records/${enc(p.record.name)}` : '/api/dns/records',
        body: difference(fields, before, values),
      },
      p.onClose,
    );
  return (
    <Card title={p.record ? t('names.change', { name: p.record.name }) : t('names.add')}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, fields.map((f) => f.name))} />
        <SchemaForm kind="record" fields={fields} values={values} onValues={setValues} error={error} />
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

export function Names() {
  const kept = useKept(records);
  const zone = useKept(cell).data;
  const [open, setOpen] = useState<string | null>(null); // "" a new one
  const { error, change } = useChange(records);
  const canWrite = may('write');
  const shown = (r: DnsRecord): string => (r.name === '@' ? '' : `${r.name}.`) + (zone ? `${String(zone.name)}.${String(zone.domain ?? 'internal')}`.toLowerCase() : '');
  const remove = (r: DnsRecord) => change({ title: t('names.remove', { name: r.name }), method: 'DELETE', path: `/api/dns/records/${enc(r.name)}`, danger: true, save: t('remove') });
  return (
    <Page title={t('nav.names')} lead={t('names.lead')} actions={canWrite && open === null ? <Button look="main" icon="plus" onClick={() => setOpen('')}>{t('names.add')}</Button> : undefined}>
      {zone?.query_log === true && <Note tone="warn">{t('querylog.on')}</Note>}
      <ErrorBox error={error ?? kept.error} />
      {open === '' && <Edit record={null} onClose={() => setOpen(null)} />}
      {!kept.data && !kept.error && <Loading />}
      {kept.data?.length === 0 && open === null && (
        <Empty icon="names" title={t('names.none')}>
          {t('names.none.text')}
        </Empty>
      )}
      <ul class="stack plain">
        {kept.data?.map((r) =>
          open === r.name ? (
            <li key={r.name}>
              <Edit record={r} onClose={() => setOpen(null)} />
            </li>
          ) : (
            <li key={r.name} class="card rule">
              <Icon name="names" size={26} />
              <div class="grow">
                <p class="big wrap">{shown(r)}</p>
                <p class="help wrap">
                  {has(r)}
                  {r.note && <> · {r.note}</>}
                </p>
              </div>
              {canWrite && (
                <div class="actions">
                  <Button small look="quiet" onClick={() => setOpen(r.name)} label={t('names.change', { name: r.name })}>{t('names.edit')}</Button>
                  <Button small look="quiet" icon="trash" label={t('names.remove', { name: r.name })} onClick={() => remove(r)} />
                </div>
              )}
            </li>
          ),
        )}
      </ul>
      <Zones />
      <Blocks />
    </Page>
  );
}
