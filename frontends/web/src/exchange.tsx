// The whole cell of a backup in the place of the one that is here: what that changes and asks, and waiting for it. The cell, its
// server and who may log in are others then, so its end is told at the login.
import { useEffect, useState } from 'preact/hooks';
import { call, get, post } from './api';
import { PlanView } from './change';
import { t, type Key } from './i18n';
import { head } from './live';
import { exchanged } from './session';
import type { Plan } from './types';
import { Button, ErrorBox, Form, Input, Note, Said, Spinner, useAttempt } from './ui/basic';

interface Question {
  field: string;
  value: string;
  needed: boolean;
}
export interface Moving {
  id: string;
  keys: Record<string, string>;
  created: string;
  answers: Record<string, string>;
  plan: Plan & { questions: Question[] };
}
export interface Users {
  users: { name: string; role: string }[];
}
interface Ordered extends Users {
  manifest: { cell: { name: string } };
}
/** Who may come in by the page. */
export const loginsOf = ({ users }: Users): string[] => users.filter((u) => u.role !== 'peer').map((u) => u.name);

const asks: Record<string, Key> = { endpoint: 'move.endpoint', listen_port: 'move.port', device: 'move.device', net4: 'move.net', net6: 'move.net' };

export async function planWhole(id: string, keys: Record<string, string>, created: string, answers: Record<string, string> = {}): Promise<Moving> {
  return { id, keys, created, answers, plan: (await post<Moving['plan']>(`/api/backups/files/${id}/diff`, { ...keys, answers }, { timeout: 120000 })).data };
}

/** 3: what it changes, what has to be known before, and that it is meant. */
export function Whole({ m, onPlan, onOrdered, onBack }: { m: Moving; onPlan: (m: Moving) => void; onOrdered: () => void; onBack: () => void }) {
  const [given, setGiven] = useState<Record<string, string>>(m.answers);
  const [typed, setTyped] = useState('');
  const { error, attempt } = useAttempt();
  const name = head.value?.name ?? '';
  const { questions } = m.plan;
  const said = (q: Question): string => given[q.field] ?? q.value;
  // An answer changes the plan: it is looked at anew. What may stay as it is needs none.
  const fresh = questions.every((q) => !q.needed && said(q) === q.value);
  const again = () => attempt(async () => onPlan(await planWhole(m.id, m.keys, m.created, { ...m.answers, ...Object.fromEntries(questions.map((q) => [q.field, said(q)])) })));
  const order = () =>
    attempt(async () => {
      const { data } = await post<Ordered>(`/api/backups/files/${m.id}/exchange`, { ...m.keys, name, answers: m.answers }, { timeout: 120000 });
      exchanged.value = { created: m.created, name: data.manifest.cell.name, users: loginsOf(data) };
      onOrdered();
    });
  return (
    <Form class="stack" onSubmit={fresh ? order : again}>
      <Note tone="warn">
        <strong>{t('move.text')}</strong> {t('move.login')}
      </Note>
      {m.plan.changes.length ? <PlanView plan={m.plan} /> : <Note tone="good">{t('restore.nothing')}</Note>}
      {questions.map((q) => (
        <Input
          key={q.field}
          label={t(asks[q.field] ?? 'move.other', { field: q.field })}
          help={q.needed ? t('move.needed') : t('move.may')}
          value={said(q)}
          onValue={(v) => setGiven({ ...given, [q.field]: v })}
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
        />
      ))}
      {fresh && <Input label={t('restore.type', { name })} value={typed} onValue={setTyped} autoComplete="off" autoCapitalize="off" spellcheck={false} />}
      <ErrorBox error={error} />
      <div class="actions">
        <Button look="quiet" onClick={onBack}>
          {t('back')}
        </Button>
        {fresh ? (
          <Button type="submit" look="danger" disabled={typed.trim() !== name}>
            {t('move.do')}
          </Button>
        ) : (
          <Button type="submit" look="main">
            {t('restore.look')}
          </Button>
        )}
      </div>
    </Form>
  );
}

/** 4: the server is away for some seconds. When it is another's it knows us no more, and the login says what happened; or it still
 * does, and the journal says what became of it. */
export function Exchanging({ onDone }: { onDone: () => void }) {
  const [row, setRow] = useState('');
  useEffect(() => {
    const began = Date.now();
    const look = async () => {
      try {
        await call('GET', '/api/auth/me', undefined, { quiet: true, timeout: 3000 }); // 401: that was it
        const [last] = (await get<{ text: string }[]>('/api/history?verb=restore&limit=1', { quiet: true })).data;
        const ended = /^restored from|came back$|did not come about/.test(last?.text ?? '');
        if (ended || Date.now() - began > 90000) {
          exchanged.value = null;
          setRow(last?.text ?? '');
          clearInterval(timer);
        }
      } catch {
        /* not yet */
      }
    };
    const timer = setInterval(() => void look(), 1000);
    return () => clearInterval(timer);
  }, []);
  return row ? (
    <div class="stack">
      <Note tone={/^restored|came back$/.test(row) ? 'good' : 'bad'}>
        <Said text={row} />
      </Note>
      <div class="actions">
        <Button look="main" onClick={onDone}>
          {t('close')}
        </Button>
      </div>
    </div>
  ) : (
    <p role="status">
      <Spinner /> {t('move.wait')}
    </p>
  );
}
