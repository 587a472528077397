// Every change is looked at before it is made: what it means in packets, what it touches, and the way back.
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { ApiError, call, newKey, post } from './api';
import { num, when } from './format';
import { t } from './i18n';
import { said } from './library';
import { backAt, head } from './live';
import { may } from './session';
import type { Resource } from './store';
import type { Change, Outcome, Plan } from './types';
import { Button, Check, ErrorBox, Input, Loading, Note, Said, Select, tell, useAttempt, useNow } from './ui/basic';
import { Dialog } from './ui/dialog';
import { Icon } from './ui/icon';
import { announce, say } from './ui/toast';
import { changeTitle, fieldValue, fieldWord, sentence, shouldTry, toldFields } from './words';

export interface Proposal {
  title: string;
  method: string;
  path: string;
  body?: unknown;
  etag?: string;
  intro?: ComponentChildren;
  save?: string;
  danger?: boolean;
  done?: string;
  quietUndo?: boolean;
  /** What may be done beside it, by a word of the query. */
  option?: { label: string; query: string };
}

export interface Done {
  data: Record<string, unknown>;
  outcome: Outcome | null;
}

const current = signal<(Proposal & { finish: (d: Done | null) => void; fail: (e: unknown) => void }) | null>(null);

/** Shows what a change would do and makes it when that is wanted. null: it was not; an error of the fields is thrown back to the form. */
export function propose(p: Proposal): Promise<Done | null> {
  return new Promise((finish, fail) => {
    current.value = { ...p, finish, fail };
  });
}

/** The way of every change on a page: its plan, the change, what it concerns read anew, then what is left to do. What went wrong is
 * `error`, and it is for the form to show beside its fields. */
export function useChange(...concerned: Pick<Resource<unknown>, 'load'>[]) {
  const { error, setError, attempt } = useAttempt();
  const change = (p: Proposal, then?: (d: Done) => unknown): Promise<Done | null> =>
    attempt(async () => {
      const done = await propose(p);
      if (!done) return null;
      await Promise.all(concerned.map((r) => r.load(true)));
      await then?.(done);
      return done;
    });
  return { error, setError, attempt, change };
}

const withQuery = (path: string, query: Record<string, string>): string => {
  const q = new URLSearchParams(query).toString();
  return q ? path + (path.includes('?') ? '&' : '?') + q : path;
};

export const planOf = async (p: Proposal, override = ''): Promise<Plan> =>
  (await call<Plan>(p.method, withQuery(p.path, override ? { plan: '1', override } : { plan: '1' }), p.body ?? (p.method === 'DELETE' ? undefined : {}), { quiet: true })).data;

/** Makes it without asking again: for a form that shows the plan itself. */
export async function make(p: Proposal, o: { confirm?: number; override?: string; key?: string } = {}): Promise<Done> {
  const query: Record<string, string> = {};
  if (o.confirm) query.confirm = String(o.confirm);
  if (o.override) query.override = o.override;
  const body = p.body ?? (p.method === 'DELETE' ? undefined : {});
  const { data } = await call<Record<string, unknown>>(p.method, withQuery(p.path, query), body, { etag: p.etag, key: o.key ?? newKey() });
  const outcome = outcomeOf(data);
  tellOutcome(p, outcome);
  return { data: data ?? {}, outcome };
}

function outcomeOf(data: Record<string, unknown> | null): Outcome | null {
  const o = (data?.outcome ?? data) as Outcome | null;
  return o && typeof o.state === 'string' && typeof o.revision === 'number' ? o : null;
}

function tellOutcome(p: Proposal, o: Outcome | null): void {
  if (o?.waits) return announce(t('confirm.heard'));
  const undo = o && !p.quietUndo && may('write') ? { label: t('undo'), run: () => void undoRevision(o.revision) } : undefined;
  const error = o?.error && typeof o.error === 'object' ? (o.error.message ?? o.error.error) : (o?.error as string | null | undefined);
  if (o?.state === 'failed') say(t('outcome.failed'), { tone: 'bad', detail: said(error ?? ''), action: undo });
  else if (o?.state === 'pending') say(t('outcome.pending'), { tone: 'warn', detail: error ? said(error) : t('outcome.pending.hint'), action: undo });
  else say(p.done ?? t('outcome.applied'), { tone: 'good', action: undo });
}

export function undoRevision(revision: number): Promise<Done | null> {
  return propose({ title: t('undo.title', { revision }), method: 'POST', path: '/api/undo', body: { revision }, save: t('undo.do'), done: t('undo.done') });
}

// --- the plan, shown -------------------------------------------------------------------------------------------------

function ChangeLines({ changes }: { changes: Change[] }) {
  return (
    <ul class="changes">
      {changes.slice(0, 50).map((c) => {
        const fields = toldFields(c);
        return (
          <li key={`${c.kind} ${c.name}`}>
            <span class={`verb ${c.verb}`}>
              <Icon name={c.verb === 'add' ? 'plus' : c.verb === 'remove' ? 'trash' : 'settings'} size={15} />
            </span>
            <div>
              <p>{changeTitle(c)}</p>
              {c.verb === 'change' && fields.length > 0 && (
                <dl>
                  {fields.map((f) => (
                    <div key={f.field}>
                      <dt>{fieldWord(c.kind, f.field)}</dt>
                      <dd>
                        <del>{fieldValue(f.field, f.before)}</del> <span class="hidden">{t('change.to')}</span>
                        <Icon name="right" size={12} /> <ins>{fieldValue(f.field, f.after)}</ins>
                      </dd>
                    </div>
                  ))}
                </dl>
              )}
            </div>
          </li>
        );
      })}
      {changes.length > 50 && <li>{t('change.more', { n: changes.length - 50 })}</li>}
    </ul>
  );
}

export function Meanings({ plan, max = 40 }: { plan: Plan; max?: number }) {
  if (!plan.meaning.length) return null;
  return (
    <ul class="meanings">
      {plan.meaning.slice(0, max).map((m, i) => {
        const s = sentence(m);
        return (
          <li key={i} class={s.tone}>
            <Icon name={s.tone === 'gain' ? 'plus' : s.tone === 'lose' ? 'bad' : 'exit'} size={18} />
            <div>
              <p>{s.text}</p>
              {s.detail && <p class="detail">{s.detail}</p>}
            </div>
          </li>
        );
      })}
      {plan.meaning.length > max && <li>{t('change.more', { n: plan.meaning.length - max })}</li>}
    </ul>
  );
}

export function PlanView({ plan }: { plan: Plan }) {
  // What the cell only keeps for itself is no change of the cell to people.
  const changes = plan.changes.filter((c) => c.kind !== 'cell' || c.verb !== 'change' || toldFields(c).length > 0);
  return (
    <div class="plan">
      {plan.session?.cut && (
        <Note tone="bad">
          <strong>{t('plan.cut')}</strong> {t('plan.cut.hint')}
        </Note>
      )}
      {plan.meaning.length > 0 ? <Meanings plan={plan} /> : plan.changes.length > 0 && <p class="calm">{t('plan.nomeaning')}</p>}
      {changes.length > 0 && (
        <>
          <h3>{t('plan.changes')}</h3>
          <ChangeLines changes={changes} />
        </>
      )}
      {plan.secrets.map((s) => (
        <Note key={s.name + s.field} tone={s.state === 'missing' ? 'warn' : 'info'} icon="key">
          <Said text={s.text} />
        </Note>
      ))}
      {plan.notes.map((n) => (
        <Note key={n.name} tone={n.note === 'stays' ? 'warn' : 'info'} icon="key">
          {t(n.note === 'stays' ? 'plan.stays' : 'plan.withdrawn', { name: n.name, until: when(n.until) })}
        </Note>
      ))}
      {plan.risk === 'traffic' && <Note tone="info">{t('plan.traffic')}</Note>}
      {plan.risk === 'session' && !plan.session?.cut && <Note tone="warn">{t('plan.session')}</Note>}
      {plan.steps.length > 0 && (
        <details>
          <summary>{t('plan.steps', { n: plan.steps.length })}</summary>
          <ol class="steps">
            {plan.steps.slice(0, 200).map((s, i) => (
              <li key={i}>
                <code>
                  {s.verb} {s.kind} {s.key}
                  {s.after ? ` ${s.after}` : ''}
                </code>
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}

const seconds = [30, 60, 120, 300];

function Body({ p: proposed }: { p: NonNullable<typeof current.value> }) {
  const [more, setMore] = useState(false);
  const p = more && proposed.option ? { ...proposed, path: withQuery(proposed.path, { [proposed.option.query]: 'true' }) } : proposed;
  const [plan, setPlan] = useState<Plan | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [reason, setReason] = useState('');
  const [broken, setBroken] = useState(false);
  const [etag, setEtag] = useState(p.etag);
  const [trial, setTrial] = useState(false);
  const [limit, setLimit] = useState(60);
  const key = useRef(newKey());

  const close = (d: Done | null) => {
    current.value = null;
    p.finish(d);
  };
  const look = async (override = ''): Promise<boolean> => {
    setError(null);
    try {
      const next = await planOf(p, override);
      setPlan(next);
      setTrial(shouldTry(next));
      return true;
    } catch (e) {
      if (e instanceof ApiError && (e.status === 400 || e.status === 422) && e.fields.length) {
        current.value = null;
        p.fail(e);
        return false;
      }
      setBroken(e instanceof ApiError && e.code === 'CONFLICT' && /^assertion/.test(e.fields[0]?.object ?? e.message));
      setError(e);
      return false;
    }
  };
  useEffect(() => void look(), [more]);

  const nothing = plan && !plan.changes.length && !plan.steps.length && !plan.meaning.length;
  const save = async () => {
    try {
      close(await make({ ...p, etag }, { confirm: trial ? limit : 0, override: reason, key: key.current }));
    } catch (e) {
      key.current = newKey();
      setError(e);
      if (e instanceof ApiError && e.code === 'STALE') setEtag(undefined);
    }
  };
  return (
    <Dialog
      title={p.title}
      onClose={() => close(null)}
      actions={
        <>
          <Button look="quiet" onClick={() => close(null)}>
            {t('cancel')}
          </Button>
          {plan && (!error || (error instanceof ApiError && error.code === 'STALE')) && !nothing && (
            <Button look={p.danger ? 'danger' : 'main'} icon={trial ? 'clock' : undefined} onClick={save}>
              {trial ? t('plan.try', { n: limit }) : (p.save ?? t('save'))}
            </Button>
          )}
          {nothing && (
            <Button look="main" onClick={() => close(null)}>
              {t('close')}
            </Button>
          )}
        </>
      }
    >
      {p.intro}
      <ErrorBox error={error} />
      {broken && (
        <form
          class="override"
          onSubmit={(e) => {
            e.preventDefault();
            void look(reason);
          }}
        >
          <Input label={t('override.reason')} help={t('override.help')} value={reason} onValue={setReason} maxLength={500} />
          <Button type="submit" look="danger" disabled={!reason.trim()} small>
            {t('override.do')}
          </Button>
        </form>
      )}
      {!plan && !error && <Loading label={t('plan.loading')} />}
      {nothing && <p class="calm">{t('plan.nothing')}</p>}
      {plan && !nothing && (
        <>
          <PlanView plan={plan} />
          {p.option && (more || plan.notes.some((n) => n.note === 'stays')) && <Check label={p.option.label} on={more} onCheck={setMore} />}
          <div class="trial">
            <Check label={t('trial.label')} on={trial} onCheck={setTrial} />
            {trial && <Select label={t('trial.how')} value={String(limit)} onValue={(v) => setLimit(Number(v))} options={seconds.map((s) => ({ value: String(s), label: t('seconds', { n: s }) }))} />}
          </div>
        </>
      )}
    </Dialog>
  );
}

export function ChangeDialog() {
  const p = current.value;
  return p ? <Body key={p.path + p.title} p={p} /> : null;
}

// --- what waits for its confirmation ---------------------------------------------------------------------------------

export function ConfirmBar() {
  const c = head.value?.confirm;
  const now = useNow(250);
  const [full, setFull] = useState(0);
  const at = backAt.value;
  useEffect(() => {
    if (c) setFull(Math.max(1, at - Date.now()));
  }, [c?.revision]);
  if (!c || !at) return null;
  const left = Math.max(0, at - now);
  const settle = async (path: string, body: unknown, done: string) => {
    await post(path, body);
    if (head.value) head.value = { ...head.value, confirm: null };
    backAt.value = 0;
    say(done, { tone: 'good' });
  };
  return (
    <section class="confirm" aria-label={t('confirm.region')}>
      <div class="row">
        <Icon name="clock" />
        <p>
          <strong>{t('confirm.title')}</strong> {t('confirm.left', { n: Math.ceil(left / 1000) })}
        </p>
        {may('write') && (
          <div class="actions">
            <Button look="plain" icon="undo" small onClick={() => settle('/api/undo', { revision: c.revision }, t('confirm.back')).catch(tell)}>
              {t('confirm.goback')}
            </Button>
            <Button look="main" icon="check" small onClick={() => settle('/api/confirm', {}, t('confirm.kept')).catch(tell)}>
              {t('confirm.keep')}
            </Button>
          </div>
        )}
      </div>
      <progress max={full || 1} value={left} aria-label={t('confirm.left', { n: num(Math.ceil(left / 1000)) })} />
    </section>
  );
}
