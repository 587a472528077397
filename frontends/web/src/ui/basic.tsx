// The small parts of which all pages are made.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api';
import { ago, when } from '../format';
import { t } from '../i18n';
import { langOf, said } from '../library';
import type { Tone } from '../words';
import { Icon, type IconName } from './icon';
import { say } from './toast';

type Kids = ComponentChildren;

export interface ButtonProps {
  children?: Kids;
  icon?: IconName;
  onClick?: (e: MouseEvent) => unknown;
  look?: 'main' | 'plain' | 'quiet' | 'danger';
  type?: 'button' | 'submit';
  label?: string;
  small?: boolean;
  disabled?: boolean;
  busy?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  class?: string;
}

/** A button whose answer is waited for shows so after a moment, and cannot be pressed twice meanwhile. */
export function Button(p: ButtonProps) {
  const [works, setWorks] = useState(false);
  const [slow, setSlow] = useState(false);
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  const busy = works || !!p.busy;
  useEffect(() => {
    if (!busy) return setSlow(false);
    const timer = setTimeout(() => setSlow(true), 400);
    return () => clearTimeout(timer);
  }, [busy]);
  const click = async (e: MouseEvent) => {
    if (busy || p.disabled) return e.preventDefault();
    const r = p.onClick?.(e);
    if (!(r instanceof Promise)) return;
    setWorks(true);
    try {
      await r;
    } catch (error) {
      tell(error);
    } finally {
      if (alive.current) setWorks(false);
    }
  };
  return (
    <button
      type={p.type ?? 'button'}
      class={`button ${p.look ?? 'plain'}${p.small ? ' small' : ''}${p.children === undefined ? ' only' : ''} ${p.class ?? ''}`}
      aria-label={p.label}
      title={p.children === undefined ? p.label : undefined}
      aria-disabled={busy || p.disabled ? 'true' : undefined}
      aria-busy={busy ? 'true' : undefined}
      aria-pressed={p.pressed}
      aria-expanded={p.expanded}
      onClick={(e) => void click(e)}
    >
      {slow ? <Spinner /> : p.icon && <Icon name={p.icon} size={p.small ? 17 : 19} />}
      {p.children !== undefined && <span>{p.children}</span>}
    </button>
  );
}

export function ButtonLink(p: { to: string; children?: Kids; icon?: IconName; look?: ButtonProps['look']; label?: string; small?: boolean }) {
  return (
    <a class={`button ${p.look ?? 'plain'}${p.small ? ' small' : ''}${p.children === undefined ? ' only' : ''}`} href={p.to} aria-label={p.label}>
      {p.icon && <Icon name={p.icon} size={p.small ? 17 : 19} />}
      {p.children !== undefined && <span>{p.children}</span>}
    </a>
  );
}

export const Spinner = () => <span class="spinner" aria-hidden="true" />;

/** A sentence of the library: in the reader's language, or in English and marked so. */
export function Said({ text }: { text: string }) {
  const words = said(text);
  return <span lang={langOf(words)}>{words.replace(moment, when)}</span>;
}
/** A moment in a sentence of the library: people do not write it so. */
const moment = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;

/** A sentence that may be one of the library's which no catalog has. */
export const Words = ({ text }: { text: string }) => <span lang={langOf(text)}>{text}</span>;

/** Something that may go wrong: what did, until it is tried again. */
export function useAttempt() {
  const [error, setError] = useState<unknown>(null);
  const attempt = async <T,>(work: () => Promise<T>): Promise<T | null> => {
    setError(null);
    try {
      return await work();
    } catch (e) {
      setError(e);
      return null;
    }
  };
  return { error, setError, attempt };
}

/** An error that belongs to no field of a form: said in a toast. */
export function tell(error: unknown): void {
  if (error instanceof ApiError) {
    if (error.status !== 401) say(error.message, { tone: 'bad', detail: error.hint });
  } else if (error instanceof Error) say(error.message, { tone: 'bad' });
}

export function ErrorBox({ error, retry }: { error: unknown; retry?: () => unknown }) {
  if (!error) return null;
  const e = error instanceof ApiError ? error : new ApiError(error instanceof Error ? error.message : String(error), 0, '');
  return (
    <div class="note bad" role="alert">
      <Icon name="bad" />
      <div>
        <p>
          <strong lang={langOf(e.message)}>{e.message}</strong>
        </p>
        {e.hint && <p lang={langOf(e.hint)}>{e.hint}</p>}
        {e.fields.length > 1 && (
          <ul>
            {e.fields.map((f) => (
              <li key={`${f.object}${f.field}`} lang={langOf(f.message ?? f.rule)}>
                {f.message ?? `${f.field ?? ''}: ${f.rule ?? ''}`}
              </li>
            ))}
          </ul>
        )}
        {e.users.length > 0 && <p>{t('err.users', { users: e.users.join(', ') })}</p>}
        {e.retry > 0 && <p>{t('err.retry', { n: e.retry })}</p>}
        {retry && (
          <p>
            <Button small icon="refresh" onClick={retry}>
              {t('retry')}
            </Button>
          </p>
        )}
      </div>
    </div>
  );
}

export function Note({ tone = 'info', children, icon }: { tone?: 'info' | 'good' | 'warn' | 'bad'; children: Kids; icon?: IconName }) {
  return (
    <div class={`note ${tone}`}>
      <Icon name={icon ?? (tone === 'good' ? 'check' : tone === 'info' ? 'info' : tone)} />
      <div>{children}</div>
    </div>
  );
}

export function Card(p: { title?: Kids; children?: Kids; actions?: Kids; class?: string; level?: 2 | 3; id?: string }) {
  const id = useId();
  const H = p.level === 3 ? 'h3' : 'h2';
  return (
    <section class={`card ${p.class ?? ''}`} aria-labelledby={p.title ? id : undefined} id={p.id}>
      {(p.title || p.actions) && (
        <header>
          {p.title && <H id={id}>{p.title}</H>}
          {p.actions && <div class="actions">{p.actions}</div>}
        </header>
      )}
      {p.children}
    </section>
  );
}

export function Page(p: { title: string; lead?: Kids; actions?: Kids; back?: { to: string; label: string }; children?: Kids; wide?: boolean }) {
  useEffect(() => {
    document.title = `${p.title} · ${t('app')}`;
  }, [p.title]);
  return (
    <div class={`page${p.wide ? ' wide' : ''}`}>
      {p.back && (
        <a class="back" href={p.back.to}>
          <Icon name="left" size={16} />
          {p.back.label}
        </a>
      )}
      <div class="head">
        <div>
          <h1 tabIndex={-1}>{p.title}</h1>
          {p.lead && <p class="lead">{p.lead}</p>}
        </div>
        {p.actions && <div class="actions">{p.actions}</div>}
      </div>
      {p.children}
    </div>
  );
}

export function Empty(p: { icon: IconName; title: string; children?: Kids; action?: Kids }) {
  return (
    <div class="empty">
      <Icon name={p.icon} size={36} />
      <p class="title">{p.title}</p>
      {p.children && <div class="text">{p.children}</div>}
      {p.action}
    </div>
  );
}

export function Loading({ label }: { label?: string }) {
  const [show, setShow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShow(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p class="loading" role="status">
      {show && (
        <>
          <Spinner /> {label ?? t('loading')}
        </>
      )}
    </p>
  );
}

export const Dot = ({ tone }: { tone: Tone }) => <span class={`dot ${tone}`} aria-hidden="true" />;

export function Badge({ tone = 'idle', children, icon }: { tone?: Tone | 'info'; children: Kids; icon?: IconName }) {
  return (
    <span class={`badge ${tone}`}>
      {icon && <Icon name={icon} size={13} />}
      {children}
    </span>
  );
}

export function Time({ at }: { at: string | null | undefined }) {
  if (!at) return <span>{ago(at)}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={when(at)}>
      {ago(at)}
    </time>
  );
}

// --- forms -----------------------------------------------------------------------------------------------------------

export interface FieldProps {
  label: Kids;
  help?: Kids;
  error?: Kids;
  required?: boolean;
  children: (a: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: 'true'; 'aria-required'?: 'true' }) => Kids;
}

export function Field(p: FieldProps) {
  const id = useId();
  const described = [p.help ? `${id}-h` : '', p.error ? `${id}-e` : ''].filter(Boolean).join(' ');
  return (
    <div class={`field${p.error ? ' wrong' : ''}`}>
      <label for={id}>{p.label}</label>
      {p.children({ id, 'aria-describedby': described || undefined, 'aria-invalid': p.error ? 'true' : undefined, 'aria-required': p.required ? 'true' : undefined })}
      {p.error && (
        <p class="error" id={`${id}-e`}>
          <Icon name="warn" size={15} /> <span lang={langOf(p.error)}>{p.error}</span>
        </p>
      )}
      {p.help && (
        <p class="help" id={`${id}-h`} lang={langOf(p.help)}>
          {p.help}
        </p>
      )}
    </div>
  );
}

export interface InputProps {
  label: Kids;
  help?: Kids;
  error?: Kids;
  value: string;
  onValue: (value: string) => void;
  type?: string;
  name?: string;
  class?: string;
  placeholder?: string;
  inputMode?: 'text' | 'numeric';
  maxLength?: number;
  autoComplete?: string;
  autoCapitalize?: string;
  spellcheck?: boolean;
  autofocus?: boolean;
  required?: boolean;
  disabled?: boolean;
}

export function Input({ label, help, error, value, onValue, ...rest }: InputProps) {
  return (
    <Field label={label} help={help} error={error} required={!!rest.required}>
      {(a) => {
        // What a field may be is the server's to say: the browser's own bubbles would say it in other words.
        const props = { ...rest, ...a, required: undefined, value, onInput: (e: Event) => onValue((e.currentTarget as HTMLInputElement).value) };
        return <input {...(props as object)} />;
      }}
    </Field>
  );
}

export function Password(p: { label: string; value: string; onValue: (v: string) => void; help?: Kids; error?: Kids; fresh?: boolean; name?: string; autofocus?: boolean }) {
  const [show, setShow] = useState(false);
  return (
    <Field label={p.label} help={p.help} error={p.error} required>
      {(a) => (
        <div class="joined">
          <input {...({ ...a, name: p.name ?? 'password', type: show ? 'text' : 'password', autoComplete: p.fresh ? 'new-password' : 'current-password', autoCapitalize: 'off', spellcheck: false, maxLength: 512, autofocus: p.autofocus, value: p.value } as object)} onInput={(e) => p.onValue(e.currentTarget.value)} />
          <button type="button" class="button quiet small" aria-pressed={show} onClick={() => setShow(!show)}>
            {t(show ? 'hide' : 'show')}
          </button>
        </div>
      )}
    </Field>
  );
}

export function Select(p: { label: Kids; value: string; onValue: (v: string) => void; options: { value: string; label: string }[]; help?: Kids; error?: Kids; disabled?: boolean }) {
  return (
    <Field label={p.label} help={p.help} error={p.error}>
      {(a) => (
        <div class="select">
          <select {...a} value={p.value} disabled={p.disabled} onChange={(e) => p.onValue(e.currentTarget.value)}>
            {p.options.map((o) => (
              <option key={o.value} value={o.value} selected={o.value === p.value}>
                {o.label}
              </option>
            ))}
          </select>
          <Icon name="chevron" size={16} />
        </div>
      )}
    </Field>
  );
}

/** A choice that takes effect by itself, not as a part of a form. It is not made by the arrow keys' first step. */
export function Choice(p: { label: Kids; value: string; onSave: (v: string) => unknown; options: { value: string; label: string }[]; help?: Kids; error?: Kids; disabled?: boolean; action?: string }) {
  const [draft, setDraft] = useState(p.value);
  useEffect(() => setDraft(p.value), [p.value]);
  return (
    <div class="choice">
      <Select label={p.label} value={draft} onValue={setDraft} options={p.options} help={p.help} error={p.error} disabled={p.disabled} />
      {draft !== p.value && (
        <div class="actions">
          <Button small look="quiet" onClick={() => setDraft(p.value)}>
            {t('cancel')}
          </Button>
          <Button small look="main" onClick={() => p.onSave(draft)}>
            {p.action ?? t('review')}
          </Button>
        </div>
      )}
    </div>
  );
}

export function Switch(p: { label: Kids; help?: Kids; on: boolean; onSwitch: (on: boolean) => unknown; disabled?: boolean }) {
  const id = useId();
  return (
    <div class="switch">
      <div>
        <label for={id}>{p.label}</label>
        {p.help && (
          <p class="help" id={`${id}-h`}>
            {p.help}
          </p>
        )}
      </div>
      <input id={id} type="checkbox" role="switch" aria-describedby={p.help ? `${id}-h` : undefined} checked={p.on} disabled={p.disabled} onChange={(e) => {
        const want = e.currentTarget.checked;
        e.currentTarget.checked = p.on; // it is on when the server says so
        p.onSwitch(want);
      }} />
    </div>
  );
}

export function Check(p: { label: Kids; on: boolean; onCheck: (on: boolean) => void }) {
  const id = useId();
  return (
    <div class="check">
      <input id={id} type="checkbox" checked={p.on} onChange={(e) => p.onCheck(e.currentTarget.checked)} />
      <label for={id}>{p.label}</label>
    </div>
  );
}

export function Segments<T extends string>(p: { label: string; value: T; options: { value: T; label: string }[]; onValue: (v: T) => void }) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class="hidden">{p.label}</legend>
      {p.options.map((o) => (
        <label key={o.value} class={o.value === p.value ? 'on' : ''}>
          <input type="radio" name={name} value={o.value} checked={o.value === p.value} onChange={() => p.onValue(o.value)} />
          <span>{o.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Form(p: { onSubmit: () => unknown; children: Kids; class?: string; label?: string }) {
  const [busy, setBusy] = useState(false);
  return (
    <form
      class={p.class}
      aria-label={p.label}
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (busy) return;
        const form = e.currentTarget;
        const r = p.onSubmit();
        if (!(r instanceof Promise)) return;
        setBusy(true);
        void r.catch(tell).finally(() => {
          setBusy(false);
          // What is wrong gets the focus, once it is marked.
          requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
        });
      }}
    >
      <fieldset class="bare" aria-busy={busy}>
        {p.children}
      </fieldset>
    </form>
  );
}

export function Copy({ text, label }: { text: string; label?: string }) {
  return (
    <Button
      small
      icon="copy"
      onClick={async () => {
        try {
          await navigator.clipboard.writeText(text);
        } catch {
          return say(t('copy.failed'), { tone: 'bad' });
        }
        say(t('copied'), { tone: 'good' });
      }}
    >
      {label ?? t('copy')}
    </Button>
  );
}

export function saveFile(name: string, text: string | Blob, type = 'text/plain'): void {
  const url = URL.createObjectURL(text instanceof Blob ? text : new Blob([text], { type }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Facts beside their names. */
export function Facts({ rows }: { rows: [string, Kids][] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
