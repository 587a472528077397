// What a restore of the whole cell put aside, and the way back to it: which there are, what bringing one back changes, that it is meant, and
// the wait, which is that of each exchange. Its end is told at the login of the cell that is there then.
import { useEffect, useRef, useState } from 'preact/hooks';
import { enc, get, post } from './api';
import { PlanView } from './change';
import { Exchanging, loginsOf, type Users } from './exchange';
import { bytes, when } from './format';
import { t } from './i18n';
import { head } from './live';
import { exchanged } from './session';
import type { Plan } from './types';
import { Button, Card, ErrorBox, Form, Input, Note, useAttempt } from './ui/basic';
import { Icon } from './ui/icon';

interface Former {
  name: string;
  time: string;
  size: number;
  cell: string | null;
  revision: number | null;
  by: { text: string; actor: string } | null;
}
interface Ordered extends Partial<Users> {
  cell: string | null;
  time: string;
}
interface Chosen {
  of: Former;
  plan: Plan | null;
}

const nameOf = (f: Former): string => f.cell ?? f.name;

/** What it made room for, and who wished that. */
function Why({ by }: { by: NonNullable<Former['by']> }) {
  const backup = /^the backup of ([^ ,]+),/.exec(by.text)?.[1];
  const { actor } = by;
  if (backup) return <>{t('former.backup', { actor, when: when(backup) })}</>;
  return <>{t(by.text.startsWith('what had been put aside') ? 'former.instead' : 'former.by', { actor })}</>;
}

function One({ f, onLook }: { f: Former; onLook: () => unknown }) {
  return (
    <li class="stack">
      <p class="big wrap">{t('former.of', { name: nameOf(f), when: when(f.time) })}</p>
      <p class="help wrap">
        {f.by && <Why by={f.by} />} {f.revision === null ? t('former.unread') : t('former.revision', { n: f.revision, size: bytes(f.size) })}
      </p>
      <p>
        <Button small icon="undo" label={t('former.back.of', { name: nameOf(f), when: when(f.time) })} onClick={onLook}>
          {t('former.back')}
        </Button>
      </p>
    </li>
  );
}

/** What it changes, and that it is meant: the name of the cell that is here is typed. */
function Sure({ c, onOrdered, onBack }: { c: Chosen; onOrdered: () => void; onBack: () => void }) {
  const [typed, setTyped] = useState('');
  const { error, attempt } = useAttempt();
  const name = head.value?.name ?? '';
  const order = () =>
    attempt(async () => {
      const { data } = await post<Ordered>(`/api/backups/kept/${enc(c.of.name)}/exchange`, { name }, { timeout: 120000 });
      exchanged.value = { created: data.time, name: data.cell ?? nameOf(c.of), users: data.users ? loginsOf({ users: data.users }) : null };
      onOrdered();
    });
  return (
    <Form class="stack" onSubmit={order}>
      <Note tone="warn">
        <strong>{t('former.text', { when: when(c.of.time) })}</strong> {t('former.lost')} {t('former.login')}
      </Note>
      {c.plan && (c.plan.changes.length ? <PlanView plan={c.plan} /> : <Note tone="info">{t('former.nothing')}</Note>)}
      <Input label={t('restore.type', { name })} value={typed} onValue={setTyped} autoComplete="off" autoCapitalize="off" spellcheck={false} />
      <ErrorBox error={error} />
      <div class="actions">
        <Button look="quiet" onClick={onBack}>
          {t('back')}
        </Button>
        <Button type="submit" look="danger" disabled={typed.trim() !== name}>
          {t('move.do')}
        </Button>
      </div>
    </Form>
  );
}

/** Nothing is shown where nothing was put aside. */
export function Formers() {
  const [kept, setKept] = useState<Former[]>([]);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [ordered, setOrdered] = useState(false);
  const { error, attempt } = useAttempt();
  const title = useRef<HTMLHeadingElement>(null);
  const look = () => attempt(async () => setKept((await get<{ kept: Former[] }>('/api/backups/kept', { quiet: true })).data.kept));
  useEffect(() => void look(), []);
  useEffect(() => {
    if (chosen) title.current?.focus();
  }, [chosen, ordered]);
  // One that cannot be read has no plan; the agent, which may more, looks at it in any case.
  const choose = (of: Former) => attempt(async () => setChosen({ of, plan: of.revision === null ? null : (await get<Plan>(`/api/backups/kept/${enc(of.name)}/diff`, { timeout: 120000 })).data }));
  const begin = () => {
    setOrdered(false);
    setChosen(null);
    void look();
  };
  if (!kept.length && !error) return null;
  const [before, behind] = t('former.lead', { command: '\n' }).split('\n');
  return (
    <Card>
      <h2 ref={title} tabIndex={-1}>
        <Icon name="undo" size={20} /> {t('former.title')}
      </h2>
      {!chosen && (
        <p class="help wrap">
          {before}
          <code>pic backup forget</code>
          {behind}
        </p>
      )}
      <ErrorBox error={error} />
      {ordered ? (
        <Exchanging onDone={begin} />
      ) : chosen ? (
        <Sure c={chosen} onOrdered={() => setOrdered(true)} onBack={() => setChosen(null)} />
      ) : (
        <ul class="stack plain">
          {kept.map((f) => (
            <One key={f.name} f={f} onLook={() => choose(f)} />
          ))}
        </ul>
      )}
    </Card>
  );
}
