// Numbers, times and sizes as people of this language write them.
import { lang, t } from './i18n';

const made = new Map<string, unknown>();
function once<T>(key: string, make: (l: string) => T): T {
  const full = `${lang.value} ${key}`;
  let have = made.get(full) as T | undefined;
  if (!have) made.set(full, (have = make(lang.value)));
  return have;
}

export const num = (n: number, digits = 0): string =>
  once(`n${digits}`, (l) => new Intl.NumberFormat(l, { maximumFractionDigits: digits })).format(n);

const sizes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
export function bytes(n: number): string {
  let i = 0;
  while (n >= 999.5 && i < sizes.length - 1) {
    n /= 1000;
    i++;
  }
  return `${num(n, i > 0 && n < 10 ? 1 : 0)} ${sizes[i]}`;
}

/** Bytes a second as bits a second, which is how lines are sold. */
export function rate(bytesPerSecond: number): string {
  let n = bytesPerSecond * 8;
  let i = 0;
  const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'];
  while (n >= 999.5 && i < 3) {
    n /= 1000;
    i++;
  }
  return `${num(n, i > 0 && n < 10 ? 1 : 0)} ${units[i]}`;
}

export const ms = (us: number): string => `${num(us / 1000, us < 10000 ? 1 : 0)} ms`;

export function when(iso: string | number | Date | null | undefined): string {
  if (iso === null || iso === undefined || iso === '') return '–';
  const d = new Date(iso);
  if (Number.isNaN(d.getTime())) return String(iso);
  return once('dt', (l) => new Intl.DateTimeFormat(l, { dateStyle: 'medium', timeStyle: 'short' })).format(d);
}

export function day(iso: string | number | Date): string {
  return once('d', (l) => new Intl.DateTimeFormat(l, { dateStyle: 'full' })).format(new Date(iso));
}

export function clock(iso: string | number | Date): string {
  return once('c', (l) => new Intl.DateTimeFormat(l, { timeStyle: 'short' })).format(new Date(iso));
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31536000],
  ['month', 2592000],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];
export function ago(iso: string | number | null | undefined, now = Date.now()): string {
  if (iso === null || iso === undefined || iso === '') return t('time.never');
  const s = (new Date(iso).getTime() - now) / 1000;
  const f = once('rel', (l) => new Intl.RelativeTimeFormat(l, { numeric: 'auto' }));
  for (const [unit, size] of steps) if (Math.abs(s) >= size) return f.format(Math.round(s / size), unit);
  return Math.abs(s) < 45 ? t('time.now') : f.format(Math.round(s), 'second');
}

export const list = (words: string[]): string =>
  once('list', (l) => new Intl.ListFormat(l, { style: 'long', type: 'conjunction' })).format(words);
