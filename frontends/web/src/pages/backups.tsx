// Backups: where they go and how they do; and the way back, in steps that somebody dares who does this for the first time.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call, post, get } from '../api';
import { make, planOf, PlanView, undoRevision, type Done, type Proposal } from '../change';
import { bytes, when } from '../format';
import { t, type Key } from '../i18n';
import { Line, Section, useKind } from '../kind';
import { DrillReport, Trying } from '../drill';
import { Formers } from '../former';
import { Exchanging, planWhole, Whole, type Moving } from '../exchange';
import type { Report } from '../drills';
import { head } from '../live';
import { targets } from '../store';
import type { Plan } from '../types';
import { Badge, Button, Card, Check, ErrorBox, Form, Input, Note, Page, Password, Said, Select, Time, useAttempt } from '../ui/basic';
import { Icon } from '../ui/icon';
import { say } from '../ui/toast';

// --- where they go ---------------------------------------------------------------------------------------------------

interface Held {
  name: string;
  size: number;
  created: string;
  state: 'good' | 'damaged' | 'unknown';
  why: string | null;
}
interface Told {
  name: string;
  state: string;
  last: string | null;
  next: string | null;
  size: number;
  error: string | null;
  hint: string | null;
  doing: { what: string; phase: string | null; bytes: number } | null;
  drill: { at: string | null; needs: string | null; error: string | null; report: Report | null };
  held: Held[];
}

const states: Record<string, Key> = { off: 'zones.off', waiting: 'backups.waiting', queued: 'backups.running', running: 'backups.running', ok: 'backups.ok', failed: 'backups.failed', stale: 'backups.stale' };
const tones: Record<string, 'good' | 'bad' | 'warn'> = { ok: 'good', failed: 'bad', stale: 'warn', good: 'good', damaged: 'bad' };
const held: Record<string, Key> = { good: 'backups.good', damaged: 'backups.damaged', unknown: 'backups.unknown' };
const usual = ['name', 'url', 'passphrase', 'recipients', 'plain', 'every', 'at', 'keep_last', 'keep_daily', 'keep_weekly', 'keep_monthly', 'enabled', 'note'];
/** Only servers have users; only S3 has regions; restic encrypts by itself, with its passphrase. */
const uses = ({ url }: Record<string, unknown>): string[] => {
  const at = String(url);
  const is = (place: RegExp, ...fields: string[]) => (place.test(at) ? fields : []);
  return [...(/^restic:/.test(at) ? usual.filter((f) => f !== 'recipients' && f !== 'plain') : usual), ...is(/^(sftp|https|s3):/, 'user', 'password', 'ca'), ...is(/^restic:sftp:/, 'user'), ...is(/^(restic:)?sftp:/, 'key', 'host_key'), ...is(/^s3:/, 'endpoint', 'region')];
};

const isBusy = (d: Told): boolean => !!d.doing || d.state === 'queued' || d.state === 'running';

/** When it was tried last whether one comes back, and what came of it; and while that goes on, how far it is. */
function Drill({ of }: { of: Told }) {
  const { drill: d, doing } = of;
  if (doing?.what === 'drill') return <Trying at={doing} />;
  if (d.needs) return of.held.length ? <p class="help">{t('drill.needs')}</p> : null;
  return (
    <>
      {d.at && <p class="help">{t('drill.last', { when: when(d.at) })}</p>}
      {d.error ? <Said text={d.error} /> : d.report ? <DrillReport report={d.report} /> : of.held.length > 0 && <p class="help">{t('drill.never')}</p>}
    </>
  );
}

function HeldList({ of, verify, use }: { of: Told; verify: (name: string) => unknown; use: (name: string) => unknown }) {
  if (!of.held.length) return null;
  return (
    <details>
      <summary>{t('backups.held', { n: of.held.length })}</summary>
      <ul class="stack plain">
        {of.held.slice(0, 50).map((h) => (
          <li key={h.name} class="help wrap">
            {when(h.created)} · {bytes(h.size)} · <Badge tone={tones[h.state]}>{t(held[h.state])}</Badge>{' '}
            <Button small look="quiet" label={t('backups.verify.of', { when: when(h.created) })} onClick={() => verify(h.name)}>
              {t('backups.verify')}
            </Button>
            <Button small look="quiet" label={t('backups.use.of', { when: when(h.created) })} onClick={() => use(h.name)}>
              {t('backups.use')}
            </Button>
            {h.why && <Said text={h.why} />}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Targets({ onGot }: { onGot: (b: Brought) => void }) {
  const [told, setTold] = useState<Told[]>([]);
  const look = () => attempt(async () => setTold((await get<{ targets: Told[] }>('/api/backups', { quiet: true })).data.targets));
  const fetch = (target: string, name: string) =>
    attempt(async () => {
      say(t('backups.getting'));
      onGot({ id: (await post<{ id: string }>('/api/backups/fetch', { target, name }, { timeout: 3600000 })).data.id, name });
    });
  const ask = async (path: string, body: unknown) => setTold((await post<{ targets: Told[] }>(path, body)).data.targets);
  const { kept, list, add, error, attempt } = useKind({
    kind: 'target',
    path: '/api/backups/targets',
    of: targets,
    icon: 'download',
    role: 'admin',
    words: { add: 'backups.add', change: 'backups.change', remove: 'backups.remove', none: 'backups.none', more: 'backups.none.text' },
    uses,
    show: (x, buttons) => {
      const d = told.find((one) => one.name === x.name);
      return (
        <Line
          icon="download"
          title={x.name}
          buttons={
            <>
              <Button small icon="play" busy={!!d && isBusy(d)} label={t('backups.run.of', { name: x.name })} onClick={() => ask('/api/backups', { target: x.name })}>
                {t('backups.run')}
              </Button>
              {!!d?.held.length && !d.drill.needs && (
                <Button small busy={isBusy(d)} label={t('drill.do.of', { name: x.name })} onClick={() => ask('/api/backups/drill', { target: x.name })}>
                  {t('drill.do')}
                </Button>
              )}
              {buttons}
            </>
          }
        >
          <p class="help wrap">
            {x.url} {d && <Badge tone={tones[d.state] ?? 'idle'}>{t(states[d.state] ?? 'backups.waiting')}</Badge>}
          </p>
          {d?.last && (
            <p class="help wrap">
              {t('backups.last')} <Time at={d.last} /> · {bytes(d.size)}
              {d.next && <> · {t('backups.next', { when: when(d.next) })}</>}
            </p>
          )}
          {d?.error && <Said text={d.error} />}
          {d?.hint && <Said text={d.hint} />}
          {d && <Drill of={d} />}
          {d && <HeldList of={d} verify={(name) => ask('/api/backups/verify', { target: d.name, name })} use={(name) => fetch(d.name, name)} />}
        </Line>
      );
    },
  });
  useEffect(() => void look(), [kept.data]);
  const busy = told.some(isBusy);
  useEffect(() => {
    const timer = busy ? setInterval(() => void look(), 1500) : undefined;
    return () => clearInterval(timer);
  }, [busy]);
  return <Section id="targets" title={t('backups.targets')} lead={t('backups.targets.lead')} error={error} list={list} actions={add('plain')} />;
}

// --- the way back ----------------------------------------------------------------------------------------------------

/** One that lies at the server now, for an hour. */
interface Brought {
  id: string;
  name: string;
}
interface Manifest {
  created: string;
  cell: { name: string; domain: string };
}
interface Picked {
  picked: { same: boolean; only_here: { kind: string; name: string }[]; without: { kind: string; name: string; field: string }[] };
}
/** The backup that is being looked at: where it is kept here, and what opens it. */
interface Story {
  id: string;
  keys: Record<string, string>;
  manifest: Manifest;
}

const choices = ['all', 'devices', 'dns', 'exits', 'services', 'whole'] as const;
const whatWords: Record<string, Key> = { all: 'restore.all', devices: 'restore.devices', dns: 'restore.dns', exits: 'restore.exits', services: 'restore.services', whole: 'restore.whole' };

const keysOf = (text: string): Record<string, string> => (!text ? {} : /AGE-SECRET-KEY-/.test(text) ? { identity: text.trim() } : { passphrase: text });

/** 1: a file, and what opens it. */
function Choose({ got, onOpen }: { got: Brought | null; onOpen: (s: Story) => void }) {
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [phrase, setPhrase] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const { error, setError, attempt } = useAttempt();
  const open = async (at: string, text: string) => {
    const keys = keysOf(text);
    onOpen({ id: at, keys, manifest: (await post<Manifest>(`/api/backups/files/${at}/show`, keys)).data });
  };
  const look = async (at: string) => {
    try {
      await open(at, ''); // it may not be encrypted
    } catch (e) {
      if (!(e instanceof ApiError && e.code === 'DENIED')) throw e;
      setId(at);
    }
  };
  const take = (file?: File) =>
    attempt(async () => {
      if (!file) return;
      setName(file.name);
      await look((await call<{ id: string }>('POST', '/api/backups/files', undefined, { file, timeout: 600000 })).data.id);
    });
  useEffect(() => {
    if (!got) return;
    setId('');
    setName(got.name);
    void attempt(() => look(got.id));
  }, [got]);
  if (id)
    return (
      <Form class="stack" onSubmit={() => attempt(() => open(id, phrase))}>
        <p>{t('restore.locked', { name })}</p>
        <Password label={t('restore.passphrase')} help={t('restore.passphrase.help')} value={phrase} onValue={setPhrase} name="backup-passphrase" autofocus />
        <ErrorBox error={error} />
        <div class="actions">
          <Button look="quiet" onClick={() => (setId(''), setError(null))}>
            {t('back')}
          </Button>
          <Button type="submit" look="main" disabled={!phrase}>
            {t('restore.open')}
          </Button>
        </div>
      </Form>
    );
  return (
    <div class="stack">
      <p>{t('restore.choose.text')}</p>
      <input ref={input} type="file" class="hidden" id="backup-file" tabIndex={-1} aria-label={t('restore.choose')} onChange={(e) => void take(e.currentTarget.files?.[0])} />
      <ErrorBox error={error} />
      <div class="actions">
        <Button look="main" icon="up" onClick={() => input.current?.click()}>
          {t('restore.choose')}
        </Button>
      </div>
    </div>
  );
}

/** 2: what of it, and what that would change. */
function What({ s, onPlan, onWhole }: { s: Story; onPlan: (p: Proposal, plan: Plan & { told: Picked }) => void; onWhole: (m: Moving) => void }) {
  const [what, setWhat] = useState<string>('all');
  const [exact, setExact] = useState(false);
  const [report, setReport] = useState<Report | null>(null);
  const [tries, setTries] = useState(false);
  const { error, attempt } = useAttempt();
  const drill = async () => {
    setReport(null);
    setTries(true);
    await attempt(async () => setReport((await post<Report>(`/api/backups/files/${s.id}/drill`, s.keys, { timeout: 900000 })).data));
    setTries(false);
  };
  const look = () =>
    attempt(async () => {
      if (what === 'whole') return onWhole(await planWhole(s.id, s.keys, s.manifest.created));
      const p: Proposal = { title: t('restore.title'), method: 'POST', path: `/api/backups/files/${s.id}/restore`, body: { ...s.keys, only: what, exact }, done: t('restore.done'), quietUndo: true };
      onPlan(p, (await planOf(p)) as Plan & { told: Picked });
    });
  return (
    <Form class="stack" onSubmit={look}>
      <Note tone="good">{t('restore.of', { name: s.manifest.cell.name, when: when(s.manifest.created) })}</Note>
      {tries ? <Trying /> : report && <DrillReport report={report} />}
      <p>
        <Button small busy={tries} onClick={drill}>
          {t('drill.do')}
        </Button>
      </p>
      <Select label={t('restore.what')} value={what} onValue={setWhat} options={choices.map((w) => ({ value: w, label: t(whatWords[w]) }))} />
      {what === 'whole' ? <p class="help">{t('restore.whole.help')}</p> : <Check label={t('restore.exact')} on={exact} onCheck={setExact} />}
      <ErrorBox error={error} />
      <div class="actions">
        <Button type="submit" look="main">
          {t('restore.look')}
        </Button>
      </div>
    </Form>
  );
}

/** 3: looked at, and meant: the cell's name is typed. */
function Sure({ p, plan, onDone, onBack }: { p: Proposal; plan: Plan & { told: Picked }; onDone: (d: Done) => void; onBack: () => void }) {
  const [typed, setTyped] = useState('');
  const { error, attempt } = useAttempt();
  const { picked } = plan.told;
  const name = head.value?.name ?? '';
  const nothing = !plan.changes.length;
  return (
    <Form class="stack" onSubmit={() => attempt(async () => onDone(await make(p)))}>
      {!picked.same && <Note tone="warn">{t('restore.other')}</Note>}
      {nothing ? <Note tone="good">{t('restore.nothing')}</Note> : <PlanView plan={plan} />}
      {picked.only_here.length > 0 && <p class="help">{t('restore.kept', { n: picked.only_here.length })}</p>}
      {picked.without.length > 0 && <Note tone="info">{t('restore.without', { names: picked.without.map((w) => w.name).join(', ') })}</Note>}
      {!nothing && <Input label={t('restore.type', { name })} value={typed} onValue={setTyped} autoComplete="off" autoCapitalize="off" spellcheck={false} />}
      <ErrorBox error={error} />
      <div class="actions">
        <Button look="quiet" onClick={onBack}>
          {t('back')}
        </Button>
        {!nothing && (
          <Button type="submit" look="main" disabled={typed.trim() !== name}>
            {t('restore.do')}
          </Button>
        )}
      </div>
    </Form>
  );
}

function Restore({ got, clear }: { got: Brought | null; clear: () => void }) {
  const [story, setStory] = useState<Story | null>(null);
  const [seen, setSeen] = useState<{ p: Proposal; plan: Plan & { told: Picked } } | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const [whole, setWhole] = useState<Moving | null>(null);
  const [ordered, setOrdered] = useState(false);
  const step = done || ordered ? 4 : seen || whole ? 3 : story ? 2 : 1;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (step > 1) title.current?.focus();
  }, [step]);
  const begin = () => {
    if (story) void call('DELETE', `/api/backups/files/${story.id}`, undefined, { quiet: true }).catch(() => {});
    setStory(null);
    setSeen(null);
    setWhole(null);
    setOrdered(false);
    setDone(null);
  };
  const over = () => {
    begin();
    clear();
  };
  useEffect(() => {
    if (got) begin();
  }, [got]);
  const revision = done?.outcome?.revision;
  return (
    <Card>
      <h2 ref={title} tabIndex={-1}>
        <Icon name="undo" size={20} /> {t('restore.title')}
      </h2>
      <p class="help">{t('restore.step', { n: step, of: 4 })}</p>
      {step === 1 && <Choose got={got} onOpen={setStory} />}
      {step === 2 && story && <What s={story} onPlan={(p, plan) => setSeen({ p, plan })} onWhole={setWhole} />}
      {step === 3 && seen && <Sure {...seen} onDone={setDone} onBack={() => setSeen(null)} />}
      {step === 3 && whole && <Whole m={whole} key={JSON.stringify(whole.answers)} onPlan={setWhole} onOrdered={() => setOrdered(true)} onBack={() => setWhole(null)} />}
      {ordered && <Exchanging onDone={over} />}
      {done && (
        <div class="stack">
          <Note tone="good">
            <strong>{t('restore.done')}</strong> {t('restore.done.text')}
          </Note>
          <div class="actions">
            {revision && (
              <Button icon="undo" onClick={async () => (await undoRevision(revision)) && over()}>
                {t('undo')}
              </Button>
            )}
            <Button look="main" onClick={over}>
              {t('close')}
            </Button>
          </div>
        </div>
      )}
      {step === 2 && (
        <p>
          <Button small look="quiet" onClick={over}>
            {t('restore.another')}
          </Button>
        </p>
      )}
    </Card>
  );
}

export function Backups() {
  const [got, setGot] = useState<Brought | null>(null);
  return (
    <Page title={t('nav.backups')} lead={t('backups.lead')}>
      <Targets onGot={setGot} />
      <Restore got={got} clear={() => setGot(null)} />
      <Formers />
    </Page>
  );
}
