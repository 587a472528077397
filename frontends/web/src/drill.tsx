// A drill, shown: while it goes on, and what came of it.
import { checkWord, seconds, verdict, type Report } from './drills';
import { t } from './i18n';
import { Badge, Note, Said, Spinner, useNow } from './ui/basic';
import { useState } from 'preact/hooks';

const tones = { ok: 'good', skipped: 'idle', failed: 'bad' } as const;
const words = { ok: 'drill.ok', skipped: 'drill.skipped', failed: 'drill.failed' } as const;

/** `at`: the check that is next, and how many are done; without it nobody can say how far it is. */
export function Trying({ at }: { at?: { phase: string | null; bytes: number } }) {
  const [began] = useState(Date.now);
  const now = useNow(1000);
  const s = Math.max(0, Math.round((now - began) / 1000));
  return (
    <div class="trying">
      <p role="status">
        <Spinner /> {t('drill.trying')}
      </p>
      {at && <progress max={17} value={at.bytes} aria-label={t('drill.trying')} />}
      <p class="help">
        {at?.phase && <>{checkWord(at.phase)} · </>}
        {seconds(s * 1000)}
      </p>
    </div>
  );
}

export function DrillReport({ report }: { report: Report }) {
  const v = verdict(report);
  const bad = report.checks.find((c) => c.state === 'failed');
  return (
    <>
      <Note tone={v.tone === 'good' ? 'good' : 'bad'}>
        <strong>{v.words}</strong>
        {bad?.text && (
          <p>
            <Said text={bad.text} />
          </p>
        )}
        {bad?.hint && (
          <p>
            <Said text={bad.hint} />
          </p>
        )}
      </Note>
      <details>
        <summary>{t('drill.checks', { n: report.checks.length })}</summary>
        <ol class="checks">
          {report.checks.map((c) => (
            <li key={c.check}>
              <span>{checkWord(c.check)}</span>
              {c.state ? <Badge tone={tones[c.state]}>{t(words[c.state])}</Badge> : <Badge>{t('drill.notyet')}</Badge>}
              {c.state && <span class="help">{seconds(c.milliseconds)}</span>}
            </li>
          ))}
        </ol>
      </details>
    </>
  );
}
