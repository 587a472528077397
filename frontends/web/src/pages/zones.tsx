// Zones of others, and whom the cell asks for them: a part of the page of names.
import { t } from '../i18n';
import { Line, Section, useKind } from '../kind';
import { forwards } from '../store';

export function Zones() {
  const { list, add, error } = useKind({
    kind: 'forward',
    path: '/api/dns/forwards',
    of: forwards,
    icon: 'names',
    words: { add: 'zones.add', change: 'zones.change', remove: 'zones.remove' },
    show: (z, buttons) => (
      <Line icon="names" title={z.name} buttons={buttons}>
        <p class="help wrap">
          {z.enabled ? t('zones.asks', { servers: z.servers.join(', ') }) : t('zones.off')}
          {z.note && <> · {z.note}</>}
        </p>
      </Line>
    ),
  });
  return <Section id="zones" title={t('zones.title')} lead={t('zones.lead')} error={error} list={list} actions={add('plain')} />;
}
