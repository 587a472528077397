// From the setup code to the first device. Each step says why it is asked; back is always there.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call, forgetToken, post } from '../api';
import { planOf, PlanView } from '../change';
import { ConfigView } from '../config';
import { fieldError, otherError } from '../forms';
import { lang, languages, setLang, t, type Key, type Lang } from '../i18n';
import { go } from '../router';
import { enter, me, setupInfo } from '../session';
import type { Me, Plan, Shown } from '../types';
import { Button, ErrorBox, Form, Input, Note, Segments, useAttempt } from '../ui/basic';
import { Icon } from '../ui/icon';
import { DeviceForm } from './add-device';
import { NewPassword } from './password';

const steps = ['code', 'network', 'admin', 'device', 'done'] as const;
type Step = (typeof steps)[number];

interface Cell {
  name: string;
  domain: string;
  endpoint: string | null;
  net4: string;
  net6: string;
  listen_port: number;
}

function CodeStep({ onDone }: { onDone: () => void }) {
  const [code, setCode] = useState('');
  const { error, attempt } = useAttempt();
  const tidy = (v: string) => {
    const plain = v.toUpperCase().replace(/[^A-Z0-9]/g, '').slice(0, 12);
    setCode(plain.match(/.{1,4}/g)?.join('-') ?? '');
  };
  const submit = () =>
    attempt(async () => {
      await post('/api/setup/code', { code });
      onDone();
    });
  return (
    <Form onSubmit={submit} class="stack">
      <p>{t('setup.code.text')}</p>
      <p>
        <code class="wrap">pic setup</code>
      </p>
      <ErrorBox error={error} />
      <Input label={t('setup.code')} value={code} onValue={tidy} class="code" autoComplete="off" autoCapitalize="characters" spellcheck={false} placeholder="XXXX-XXXX-XXXX" required autofocus />
      <div class="actions">
        <Button type="submit" look="main" disabled={code.length < 14}>
          {t('next')}
        </Button>
      </div>
    </Form>
  );
}

function NetworkStep({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const [cell, setCell] = useState<Cell | null>(null);
  const [name, setName] = useState('');
  const [endpoint, setEndpoint] = useState('');
  const [net4, setNet4] = useState('');
  const [net6, setNet6] = useState('');
  const [plan, setPlan] = useState<Plan | null>(null);
  const { error, setError, attempt } = useAttempt();
  useEffect(() => {
    call<Cell>('GET', '/api/cell').then(({ data }) => take(data), setError);
  }, []);
  const take = (c: Cell) => {
    setCell(c);
    setName(c.name);
    setEndpoint(c.endpoint ?? (/^(localhost|127\.|\[)/.test(location.host) ? '' : `${location.hostname}:${c.listen_port}`));
    setNet4(c.net4);
    setNet6(c.net6);
  };
  const data: Record<string, unknown> = {};
  if (cell) {
    if (name.trim() !== cell.name) data.name = name.trim();
    if (endpoint.trim() !== (cell.endpoint ?? '')) data.endpoint = endpoint.trim() || null;
    if (net4.trim() !== cell.net4) data.net4 = net4.trim();
    if (net6.trim() !== cell.net6) data.net6 = net6.trim();
  }
  const text = JSON.stringify(data);
  const send = { method: 'PATCH', path: '/api/cell', body: data as unknown };
  useEffect(() => {
    setPlan(null);
    if (!cell || text === '{}') return undefined;
    let gone = false;
    const timer = setTimeout(
      () =>
        planOf({ title: '', ...send }).then(
          (p) => !gone && (setPlan(p), setError(null)),
          (e) => !gone && setError(e),
        ),
      400,
    );
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [text, !!cell]);
  const submit = () =>
    attempt(async () => {
      if (text !== '{}') await call(send.method, send.path, send.body);
      if (!me.value) await post('/api/setup/step', { step: 'admin' }, { quiet: true }).catch(() => {});
      if (setupInfo.value) setupInfo.value = { ...setupInfo.value, cell_name: name.trim() };
      onDone();
    });
  return (
    <Form onSubmit={submit} class="stack">
      <p>{t('setup.network.text')}</p>
      <ErrorBox error={otherError(error, ['name', 'endpoint', 'net4', 'net6'])} />
      <Input label={t('field.cell.name')} help={t('setup.name.help')} value={name} onValue={setName} error={fieldError(error, 'name')} autoCapitalize="off" autoComplete="off" spellcheck={false} required />
      <Input label={t('field.cell.endpoint')} help={t('setup.endpoint.help', { port: String(cell?.listen_port ?? 51820) })} value={endpoint} onValue={setEndpoint} error={fieldError(error, 'endpoint')} placeholder="home.example.org:51820" autoCapitalize="off" autoComplete="off" spellcheck={false} />
      <details class="fold">
        <summary>{t('setup.net')}</summary>
        <div class="stack">
          <p class="help">{t('setup.net.help')}</p>
          <div class="two">
            <Input label={t('field.cell.net4')} value={net4} onValue={setNet4} error={fieldError(error, 'net4')} autoComplete="off" spellcheck={false} />
            <Input label={t('field.cell.net6')} value={net6} onValue={setNet6} error={fieldError(error, 'net6')} autoComplete="off" spellcheck={false} />
          </div>
        </div>
      </details>
      <div class="preview" aria-live="polite">
        {plan && (plan.changes.length > 0 || plan.meaning.length > 0) && (
          <>
            <h2>{t('plan.willmean')}</h2>
            <PlanView plan={plan} />
          </>
        )}
      </div>
      <div class="actions">
        <Button look="quiet" onClick={onBack}>
          {t('back')}
        </Button>
        <Button type="submit" look="main" disabled={!cell}>
          {t('next')}
        </Button>
      </div>
    </Form>
  );
}

function AdminStep({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const [name, setName] = useState('admin');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [error, setError] = useState<unknown>(null);
  if (me.value)
    return (
      <div class="stack">
        <Note tone="good">{t('setup.admin.there', { name: me.value.username })}</Note>
        <div class="actions">
          <Button look="quiet" onClick={onBack}>
            {t('back')}
          </Button>
          <Button look="main" onClick={onDone}>
            {t('next')}
          </Button>
        </div>
      </div>
    );
  const submit = async () => {
    setError(null);
    if (password !== again) return setError(new ApiError(t('password.differ'), 422, 'VALUE', '', [{ field: 'again', rule: t('password.differ') }]));
    try {
      const { data } = await post<Me>('/api/setup/complete', { username: name.trim(), password });
      forgetToken();
      me.value = { ...data, username: data.username ?? data.user ?? name.trim() };
      onDone();
    } catch (e) {
      setError(e);
    }
  };
  return (
    <Form onSubmit={submit} class="stack">
      <p>{t('setup.admin.text')}</p>
      <ErrorBox error={otherError(error, ['username', 'name', 'password', 'again'])} />
      <Input label={t('login.name')} value={name} onValue={setName} name="username" autoComplete="username" autoCapitalize="off" spellcheck={false} error={fieldError(error, 'username') ?? fieldError(error, 'name')} required />
      <NewPassword label={t('login.password')} value={password} onValue={setPassword} names={[name, setupInfo.value?.cell_name ?? '']} error={fieldError(error, 'password')} />
      <Input label={t('password.again')} type="password" autoComplete="new-password" value={again} onValue={setAgain} error={fieldError(error, 'again')} required />
      <div class="actions">
        <Button look="quiet" onClick={onBack}>
          {t('back')}
        </Button>
        <Button type="submit" look="main" disabled={!password}>
          {t('setup.admin.do')}
        </Button>
      </div>
    </Form>
  );
}

export function Setup() {
  const [step, setStep] = useState<Step>('code');
  const [made, setMade] = useState<{ name: string; shown: Shown | null } | null>(null);
  const h1 = useRef<HTMLHeadingElement>(null);
  const at = steps.indexOf(step);
  useEffect(() => {
    document.title = `${t(`setup.title.${step}` as Key)} · ${t('app')}`;
    scrollTo(0, 0);
    h1.current?.focus();
  }, [step]);
  useEffect(() => {
    // The code was said already in this browser: go on where it was left.
    call<{ step: string }>('GET', '/api/setup/step', undefined, { quiet: true }).then(
      ({ data }) => setStep(data.step === 'admin' || data.step === 'device' ? 'admin' : 'network'),
      () => {},
    );
  }, []);
  const finish = () => {
    const who = me.value;
    if (setupInfo.value) setupInfo.value = { ...setupInfo.value, complete: true };
    go('#/');
    if (who) enter(who);
  };
  const next = () => setStep(steps[at + 1] ?? 'done');
  const back = () => setStep(steps[at - 1] ?? 'code');
  return (
    <main class="alone wizard">
      <div class="brandline">
        <Icon name="cell" size={40} />
        <p class="brandname">{setupInfo.value?.cell_name ?? t('app')}</p>
        <Segments<Lang> label={t('look.lang')} value={lang.value} onValue={(v) => void setLang(v)} options={(Object.keys(languages) as Lang[]).map((l) => ({ value: l, label: languages[l].slice(0, 2) }))} />
      </div>
      <ol class="progress" aria-label={t('setup.progress')}>
        {steps.slice(0, 4).map((s, i) => (
          <li key={s} class={i < at ? 'done' : i === at ? 'now' : ''} aria-current={i === at ? 'step' : undefined}>
            <span class="mark">{i < at ? <Icon name="check" size={14} /> : i + 1}</span>
            <span class="word">{t(`setup.step.${s}` as Key)}</span>
          </li>
        ))}
      </ol>
      <h1 ref={h1} tabIndex={-1}>
        {t(`setup.title.${step}` as Key)}
      </h1>
      {step === 'code' && <CodeStep onDone={next} />}
      {step === 'network' && <NetworkStep onDone={next} onBack={back} />}
      {step === 'admin' && <AdminStep onDone={next} onBack={back} />}
      {step === 'device' && !made && (
        <>
          <p>{t('setup.device.text')}</p>
          <DeviceForm simple onMade={(name, shown) => setMade({ name, shown })} />
          <div class="actions">
            <Button look="quiet" onClick={back}>
              {t('back')}
            </Button>
            <Button look="quiet" onClick={() => setStep('done')}>
              {t('setup.skip')}
            </Button>
          </div>
        </>
      )}
      {step === 'device' && made && (
        <>
          {made.shown && <ConfigView name={made.name} shown={made.shown} />}
          <div class="actions">
            <Button look="main" onClick={() => setStep('done')}>
              {t('setup.scanned')}
            </Button>
          </div>
        </>
      )}
      {step === 'done' && (
        <div class="stack">
          <p>{t('setup.done.text')}</p>
          <ul class="ticks">
            {(['setup.done.1', 'setup.done.2', 'setup.done.3'] as Key[]).map((k) => (
              <li key={k}>
                <Icon name="check" size={18} /> {t(k)}
              </li>
            ))}
          </ul>
          <div class="actions">
            <Button look="quiet" onClick={() => (setMade(null), setStep('device'))}>
              {t('back')}
            </Button>
            <Button look="main" onClick={finish}>
              {t('setup.open')}
            </Button>
          </div>
        </div>
      )}
    </main>
  );
}
