// The owner's own names in the cell's zone.
import { t } from '../i18n';
import { Line, useKind } from '../kind';
import { cell, records, useKept } from '../store';
import type { DnsRecord } from '../types';
import { ErrorBox, Note, Page } from '../ui/basic';
import { Blocks } from './blocks';
import { Zones } from './zones';

/** What a name has, in a line: "192.168.1.10, mail to nas". */
function has(r: DnsRecord): string {
  const parts = [r.cname && t('names.alias', { name: r.cname }), r.addresses?.join(', '), r.mx?.map((x) => `MX ${x}`).join(', '), r.srv?.map((x) => `SRV ${x}`).join(', '), r.txt?.map((x) => `TXT ${x}`).join(', ')];
  return parts.filter(Boolean).join(' · ');
}

export function Names() {
  const zone = useKept(cell).data;
  const full = (r: DnsRecord): string => (r.name === '@' ? '' : `${r.name}.`) + (zone ? `${String(zone.name)}.${String(zone.domain ?? 'internal')}`.toLowerCase() : '');
  const { list, add, error } = useKind({
    kind: 'record',
    path: '/api/dns/records',
    of: records,
    icon: 'names',
    words: { add: 'names.add', change: 'names.change', remove: 'names.remove', none: 'names.none', more: 'names.none.text' },
    show: (r, buttons) => (
      <Line icon="names" title={full(r)} buttons={buttons}>
        <p class="help wrap">
          {has(r)}
          {r.note && <> · {r.note}</>}
        </p>
      </Line>
    ),
  });
  return (
    <Page title={t('nav.names')} lead={t('names.lead')} actions={add()}>
      {zone?.query_log === true && <Note tone="warn">{t('querylog.on')}</Note>}
      <ErrorBox error={error} />
      {list}
      <Zones />
      <Blocks />
    </Page>
  );
}
