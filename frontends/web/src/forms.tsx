// Forms made from the field tables that the server tells: a field that the library learns appears by itself.
import { useState } from 'preact/hooks';
import { ApiError, type FieldError } from './api';
import { maybe, t } from './i18n';
import { joined, langOf } from './library';
import { connections, groups, peers, schema, useKept, users, type Resource } from './store';
import type { SchemaField } from './types';
import { Check, Field, Input, Select } from './ui/basic';
import { fieldHelp, fieldWord } from './words';

export type Value = string | boolean | string[] | null;
export type Values = Record<string, Value>;

type Raw = { kinds?: unknown } & Record<string, unknown>;

function readField(f: Record<string, unknown>): SchemaField {
  const flags = (f.flags as string[] | undefined) ?? [];
  const flag = (name: string): boolean => f[name] === true || flags.includes(name);
  const choices = f.choices;
  return {
    name: String(f.name),
    type: String(f.type),
    list: flag('list'),
    required: flag('required'),
    system: flag('system'),
    secret: flag('secret') || f.type === 'secret',
    fixed: flag('fixed'),
    help: String(f.help ?? ''),
    placeholder: (f.placeholder as string | null) ?? null,
    default: f.default === undefined || f.default === null ? null : String(f.default),
    choices: Array.isArray(choices) ? (choices as string[]) : typeof choices === 'string' ? choices.split('|') : [],
    ref: (f.ref as string | null) ?? null,
  };
}

export function fieldsOf(raw: Raw | null, kind: string): SchemaField[] {
  if (!raw) return [];
  const kinds = (raw.kinds ?? raw) as unknown;
  let fields: unknown;
  if (Array.isArray(kinds)) fields = (kinds as { kind?: string; name?: string; fields: unknown }[]).find((k) => (k.kind ?? k.name) === kind)?.fields;
  else {
    const k = (kinds as Record<string, unknown>)[kind];
    fields = Array.isArray(k) ? k : (k as { fields?: unknown } | undefined)?.fields;
  }
  return Array.isArray(fields) ? (fields as Record<string, unknown>[]).map(readField) : [];
}

export function useFields(kind: string): SchemaField[] {
  return fieldsOf(useKept(schema).data as Raw | null, kind);
}

/** What the server said of a field, wherever it put it. */
export function fieldError(error: unknown, name: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const f = error.fields.find((x: FieldError) => x.field === name);
  if (!f) return undefined;
  const rule = f.rule ? joined([f.value ? `“${f.value}”` : '', f.rule], ' ') : (f.message ?? '');
  return joined([rule, f.hint ?? ''], '. ');
}

/** Errors that belong to one of these fields are shown there; only others are shown above. */
export function otherError(error: unknown, names: string[]): unknown {
  if (error instanceof ApiError && error.fields.length && error.fields.every((f) => f.field && names.includes(f.field))) return null;
  return error;
}

export const asText = (v: unknown): string => (v === null || v === undefined ? '' : Array.isArray(v) ? v.join('\n') : String(v));

const toLocal = (iso: string): string => {
  const d = new Date(iso);
  return Number.isNaN(d.getTime()) ? '' : new Date(d.getTime() - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};

const tidy = (v: Value): Value => {
  if (Array.isArray(v)) return v.map((s) => s.trim()).filter(Boolean);
  return typeof v === 'string' ? v.trim() : v;
};

/** Only what differs, in the shape that the server takes: null unsets. */
export function difference(fields: SchemaField[], before: Record<string, unknown>, after: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const f of fields) {
    if (!(f.name in after)) continue;
    const v = tidy(after[f.name] ?? null);
    const was = before[f.name] ?? null;
    const empty = v === null || v === '' || (Array.isArray(v) && !v.length);
    if (empty) {
      if (was !== null && !(Array.isArray(was) && !was.length)) body[f.name] = null;
      continue;
    }
    const next = f.type === 'int' && typeof v === 'string' && /^\d+$/.test(v) ? Number(v) : v;
    if (JSON.stringify(next) !== JSON.stringify(was)) body[f.name] = next;
  }
  return body;
}

type Named = { name: string };
const sourceOf = (ref: string | null): Resource<Named[]> => (ref === 'group' ? groups : ref === 'user' ? users : ref === 'peer' ? peers : connections) as unknown as Resource<Named[]>;

function RefList(p: { field: SchemaField; label: string; help: string; value: string[]; onValue: (v: string[]) => void; error?: string }) {
  const source = useKept(sourceOf(p.field.ref)).data;
  const [seek, setSeek] = useState('');
  const names = [...p.field.choices, ...(p.field.ref ? (source ?? []).map((x) => x.name) : [])];
  const found = names.filter((n) => n.toLowerCase().includes(seek.toLowerCase()));
  const shown = [...new Set([...p.value, ...found])].slice(0, 30);
  return (
    <fieldset class="reflist">
      <legend>{p.label}</legend>
      {p.field.ref && names.length > 12 && <Input label={t('filter')} type="search" value={seek} onValue={setSeek} />}
      {shown.length === 0 && <p class="help">{t('form.nothing')}</p>}
      {shown.map((n) => (
        <Check key={n} label={n === 'direct' ? t('exit.direct') : (maybe(`event.${n}`) ?? n)} on={p.value.includes(n)} onCheck={(on) => p.onValue(on ? [...p.value, n] : p.value.filter((x) => x !== n))} />
      ))}
      {p.error && <p class="error" lang={langOf(p.error)}>{p.error}</p>}
      {p.help && <p class="help" lang={langOf(p.help)}>{p.help}</p>}
    </fieldset>
  );
}

export function refOptions(field: { ref: string | null; choices: string[] }, names: string[], none: string): { value: string; label: string }[] {
  return [{ value: '', label: none }, ...field.choices.map((c) => ({ value: c, label: c === 'direct' ? t('exit.direct') : c })), ...names.map((n) => ({ value: n, label: n }))];
}

function RefOne(p: { field: SchemaField; label: string; help: string; value: string; onValue: (v: string) => void; error?: string }) {
  const rows = useKept(sourceOf(p.field.ref)).data ?? [];
  return <Select label={p.label} help={p.help} error={p.error} value={p.value} onValue={p.onValue} options={refOptions(p.field, rows.map((x) => x.name), p.field.required ? '…' : t('form.notset'))} />;
}

export function AnyField(p: { kind: string; field: SchemaField; value: Value; onValue: (v: Value) => void; error?: string }) {
  const f = p.field;
  const label = fieldWord(p.kind, f.name);
  const help = fieldHelp(p.kind, f.name, f.help);
  const common = { label, help, error: p.error };
  if (f.list && (f.ref || f.type === 'enum')) return <RefList {...common} field={f} value={Array.isArray(p.value) ? p.value : []} onValue={p.onValue} />;
  if (f.ref) return <RefOne {...common} field={f} value={asText(p.value)} onValue={p.onValue} />;
  if (f.type === 'bool') {
    const value = p.value === null || p.value === undefined || p.value === '' ? '' : String(p.value);
    const usual = f.default === null ? t('form.notset') : t('form.default', { value: t(f.default === 'true' ? 'value.yes' : 'value.no') });
    return (
      <Select {...common} value={value} onValue={(v) => p.onValue(v === '' ? null : v === 'true')} options={[{ value: '', label: usual }, { value: 'true', label: t('value.yes') }, { value: 'false', label: t('value.no') }].slice(f.default === null ? 0 : 1)} />
    );
  }
  if (f.type === 'enum')
    return <Select {...common} value={asText(p.value)} onValue={p.onValue} options={[...(f.required ? [] : [{ value: '', label: t('form.notset') }]), ...f.choices.map((c) => ({ value: c, label: c }))]} />;
  if (f.type === 'time') return <Input {...common} type="datetime-local" value={p.value ? toLocal(asText(p.value)) : ''} onValue={(v) => p.onValue(v ? new Date(v).toISOString().replace(/\.\d+Z/, 'Z') : null)} />;
  if (f.list || (f.secret && f.name !== 'password'))
    return (
      <Field {...common} required={f.required}>
        {(a) => <textarea {...a} rows={f.list ? Math.min(6, Math.max(2, asText(p.value).split('\n').length + 1)) : 3} spellcheck={false} autoCapitalize="off" value={asText(p.value)} onInput={(e) => p.onValue(f.list ? e.currentTarget.value.split(f.type === 'txt' ? '\n' : /[\n,]/) : e.currentTarget.value)} />}
      </Field>
    );
  return <Input {...common} type={f.secret ? 'password' : f.type === 'int' ? 'number' : 'text'} required={f.required} autoCapitalize="off" autoComplete={f.secret ? 'new-password' : 'off'} spellcheck={f.name === 'note'} placeholder={f.default ?? undefined} value={asText(p.value)} onValue={p.onValue} />;
}

export function SchemaForm(p: { kind: string; fields: SchemaField[]; values: Values; onValues: (v: Values) => void; error?: unknown }) {
  return (
    <>
      {p.fields.map((f) => (
        <AnyField key={f.name} kind={p.kind} field={f} value={p.values[f.name] ?? null} error={fieldError(p.error, f.name)} onValue={(v) => p.onValues({ ...p.values, [f.name]: v })} />
      ))}
    </>
  );
}

export const pick = (fields: SchemaField[], names: string[]): SchemaField[] =>
  names.map((n) => fields.find((f) => f.name === n)).filter((f): f is SchemaField => !!f);

export const valuesOf = (fields: SchemaField[], from: Record<string, unknown> | null): Values => {
  const out: Values = {};
  for (const f of fields) {
    const v = from?.[f.name];
    out[f.name] = v === undefined || v === null ? null : typeof v === 'number' ? String(v) : (v as Value);
  }
  return out;
};
