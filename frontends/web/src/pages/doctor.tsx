import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../api';
import { doctor, FindingList, findingsOf } from '../findings';
import { t } from '../i18n';
import { may } from '../session';
import { useKept } from '../store';
import type { Finding, Step } from '../types';
import { Button, Card, ErrorBox, Loading, Note, Page, useAttempt } from '../ui/basic';
import { say } from '../ui/toast';
import { WhatWas } from './past';

interface Drift {
  revision: number;
  steps: Step[];
  foreign: Finding[];
  repair: boolean;
  repaired: number;
}

export function Doctor() {
  const kept = useKept(doctor);
  const [drift, setDrift] = useState<Drift | null>(null);
  const { error, attempt } = useAttempt();
  const look = () =>
    attempt(async () => {
      setDrift((await get<Drift>('/api/drift', { timeout: 60000 })).data);
    });
  useEffect(() => void look(), []);
  const found = findingsOf(kept.data);
  const repair = async () => {
    const { data } = await post<Drift>('/api/drift/repair', {}, { timeout: 60000 });
    say(t('drift.repaired', { n: data.repaired }), { tone: 'good' });
    await look();
  };
  return (
    <Page title={t('nav.doctor')} lead={t('doctor.lead')} actions={<Button icon="refresh" onClick={() => Promise.all([doctor.load(), look()])}>{t('doctor.again')}</Button>}>
      <Card title={t('doctor.found')}>
        <ErrorBox error={kept.error} retry={() => doctor.load()} />
        {!kept.data && !kept.error && <Loading />}
        {kept.data && found.length === 0 && <Note tone="good">{t('doctor.nothing')}</Note>}
        {found.length > 0 && <FindingList findings={found} />}
      </Card>
      <WhatWas />
      <Card title={t('drift.title')}>
        <p class="help">{t('drift.text')}</p>
        <ErrorBox error={error} retry={look} />
        {!drift && !error && <Loading />}
        {drift && drift.steps.length === 0 && drift.foreign.length === 0 && <Note tone="good">{t('drift.none')}</Note>}
        {drift && drift.steps.length > 0 && (
          <>
            <Note tone="warn">{t('drift.some', { n: drift.steps.length })}</Note>
            <ol class="steps">
              {drift.steps.slice(0, 50).map((s, i) => (
                <li key={i}>
                  <code>
                    {s.verb} {s.kind} {s.key}
                  </code>
                </li>
              ))}
            </ol>
            {may('write') && (
              <div class="actions">
                <Button look="main" onClick={repair}>
                  {t('fix.repair')}
                </Button>
              </div>
            )}
          </>
        )}
        {drift && drift.foreign.length > 0 && <FindingList findings={drift.foreign} />}
      </Card>
    </Page>
  );
}
