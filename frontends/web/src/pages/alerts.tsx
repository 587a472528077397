// Who is told when something is wrong, and whether it arrives.
import { useEffect, useState } from 'preact/hooks';
import { enc, get, post } from '../api';
import { t, type Key } from '../i18n';
import { Line, useKind } from '../kind';
import { may } from '../session';
import { alerts } from '../store';
import { Button, ErrorBox, Page, Said, Time } from '../ui/basic';
import { say } from '../ui/toast';

interface Told {
  name: string;
  server: string;
  state: string;
  last_sent: string | null;
  next: string | null;
  error: string | null;
  hint: string | null;
}

const states: Record<string, Key> = { off: 'zones.off', waiting: 'alerts.waiting', ok: 'alerts.ok', sending: 'alerts.sending', failing: 'alerts.failing' };
const mail = ['sender', 'recipients', 'tls'];
const all = ['name', 'to', 'user', 'token', 'events', 'groups', 'peers', 'level', 'after', 'silent', 'quiet', 'quiet_errors', 'window', 'recovery', 'repeat', 'enabled', 'note'];
/** Mail has a sender, a webhook a signature. */
const uses = ({ to }: Record<string, unknown>): string[] => [...all, ...(/^smtp/.test(String(to)) ? mail : /^http/.test(String(to)) ? ['secret'] : [])];

async function test(name: string): Promise<void> {
  const { data } = await post<{ arrived: boolean; said: string | null; error: string | null }>(`/api/alerts/${enc(name)}/test`, {}, { timeout: 60000 });
  if (data.arrived) say(t('alerts.arrived'), { tone: 'good', detail: data.said ?? undefined });
  else say(t('alerts.lost'), { tone: 'bad', detail: data.error ?? data.said ?? undefined });
}

export function Alerts() {
  const [told, setTold] = useState<Told[]>([]);
  const { kept, list, add, error, attempt } = useKind({
    kind: 'alert',
    path: '/api/alerts',
    of: alerts,
    icon: 'bell',
    role: 'admin',
    words: { add: 'alerts.add', change: 'alerts.change', remove: 'alerts.remove', none: 'alerts.none', more: 'alerts.none.text' },
    uses,
    show: (a, buttons) => {
      const d = told.find((x) => x.name === a.name);
      const more = may('admin') && (
        <>
          <Button small icon="play" onClick={() => test(a.name)} label={t('alerts.test.of', { name: a.name })}>
            {t('alerts.test')}
          </Button>
          {buttons}
        </>
      );
      return (
        <Line icon="bell" title={a.name} buttons={more}>
          <p class="help wrap">
            {d?.server ?? a.to} · {a.enabled ? t(states[d?.state ?? ''] ?? 'alerts.waiting') : t('zones.off')}
            {d?.last_sent && (
              <>
                {' · '}
                {t('alerts.last')} <Time at={d.last_sent} />
              </>
            )}
            {a.note && <> · {a.note}</>}
          </p>
          {d?.error && <Said text={d.error} />}
          {d?.hint && <Said text={d.hint} />}
        </Line>
      );
    },
  });
  const look = () => attempt(async () => setTold((await get<{ alerts: Told[] }>('/api/alerts/status')).data.alerts));
  useEffect(() => void look(), [kept.data]);
  return (
    <Page title={t('nav.alerts')} lead={t('alerts.lead')} actions={add()}>
      <ErrorBox error={error} retry={look} />
      {list}
    </Page>
  );
}
