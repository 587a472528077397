// What is wrong, and the button that mends it.
import { useEffect } from 'preact/hooks';
import { call } from './api';
import { propose } from './change';
import { t } from './i18n';
import { may } from './session';
import { resource, useKept } from './store';
import type { Finding } from './types';
import { Badge, Button, ButtonLink, Said } from './ui/basic';
import { Icon } from './ui/icon';
import { say } from './ui/toast';
import { remedy } from './words';

export const doctor = resource<{ findings: Finding[] }>('/api/doctor', ['peer', 'group', 'connection', 'cell', 'assertion']);

export const findingsOf = (data: { findings: Finding[] } | null): Finding[] => data?.findings ?? [];

/** Looks again each minute: what is wrong with a machine is told by no event. */
export function useFindings(): Finding[] {
  const kept = useKept(doctor);
  useEffect(() => {
    const timer = setInterval(() => void doctor.load(true), 60000);
    return () => clearInterval(timer);
  }, []);
  return findingsOf(kept.data);
}

async function mend(f: Finding): Promise<void> {
  const r = remedy(f);
  if (r?.kind !== 'call') return;
  if (r.change) await propose({ title: r.label, method: r.method, path: r.path, body: r.body });
  else {
    await call(r.method, r.path, r.body ?? {});
    say(t('fix.done'), { tone: 'good' });
  }
  await doctor.load(true);
}

export function FindingList({ findings }: { findings: Finding[] }) {
  return (
    <ul class="findings">
      {findings.map((f) => {
        const r = remedy(f);
        return (
          <li key={f.area + f.what} class={f.level}>
            <Icon name={f.level === 'error' ? 'bad' : f.level === 'warning' ? 'warn' : 'info'} />
            <div>
              <p>
                <Said text={f.what} /> <Badge>{f.area}</Badge>
              </p>
              {f.fix && (
                <p class="fix">
                  {t('fix.onhost')} <code>{f.fix}</code>
                </p>
              )}
            </div>
            {r?.kind === 'call' && may('write') && (
              <Button small onClick={() => mend(f)}>
                {r.label}
              </Button>
            )}
            {r?.kind === 'go' && (
              <ButtonLink small to={r.to}>
                {r.label}
              </ButtonLink>
            )}
          </li>
        );
      })}
    </ul>
  );
}
