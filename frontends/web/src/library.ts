// What the library says in sentences of its own, in the reader's language. The library makes them of templates in English;
// a catalog has the same templates beside their translation. What no template fits stays English, and is marked so, that a
// screen reader speaks it as English. It is not made of keys, because the CLI, the log and the API say the same sentences:
// the words are their only name.
import { lang, maybe } from './i18n';
import { short } from './short';

/** "is taken by peer {name}" to what that is in the language. */
export type Sentences = Record<string, string>;

let exact = new Map<string, string>();
let patterns: { words: RegExp; names: string[]; text: string }[] = [];
const english = new Set<string>();

export function learn(sentences: Sentences | null): void {
  exact = new Map();
  patterns = [];
  english.clear();
  for (const [from, text] of Object.entries(sentences ?? {})) {
    const names = [...from.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '');
    if (!names.length) exact.set(from, text);
    else patterns.push({ words: new RegExp(`^${from.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '(.+?)')}$`, 's'), names, text });
  }
}

const kinds = /^(peer|group|connection|assertion|user|token|cell)(?: (\S+))?$/;
/** "peer anna", "note": what stands before a colon. */
function place(text: string): string {
  const m = kinds.exec(text);
  if (m) return `${maybe(`kind.${m[1]}`) ?? m[1]}${m[2] ? ` ${m[2]}` : ''}`;
  return maybe(`field.${text}`) ?? text;
}

/** What stands in a place of a sentence: a reason is a sentence too, and `at` says what it is about. */
function part(name: string, text: string, depth: number): string {
  if (name === 'at') return place(text);
  return (name === 'why' && depth < 5 ? translate(text, depth + 1) : undefined) ?? text;
}

function translate(text: string, depth = 0): string | undefined {
  const whole = exact.get(text) ?? exact.get(short(text)); // the build leaves only the number of some
  if (whole !== undefined) return whole;
  for (const p of patterns) {
    const m = p.words.exec(text);
    if (m) return p.names.reduce((t, name, i) => t.replaceAll(`{${name}}`, () => part(name, m[i + 1] ?? '', depth)), p.text);
  }
  if (depth > 4) return undefined;
  const value = /^'(.*?)' (.+)$/s.exec(text);
  const rule = value && translate(value[2] ?? '', depth + 1);
  if (value && rule !== undefined) return `„${value[1]}“ ${rule}`;
  const at = /^([^:']{1,80}): (.+)$/s.exec(text);
  const rest = at && translate(at[2] ?? '', depth + 1);
  return at && rest !== undefined ? `${place(at[1] ?? '')}: ${rest}` : undefined;
}

/** The same in the reader's language, or as it is. */
export function said(text: string): string {
  if (!text || lang.value === 'en') return text;
  const words = translate(text);
  if (words !== undefined) return words;
  if (english.size > 2000) english.clear();
  english.add(text);
  return text;
}

/** What no catalog has on purpose, or not yet: words of the library that are shown as they are. */
export function foreign(text: string): string {
  if (lang.value !== 'en' && text) english.add(text);
  return text;
}

/** For the attribute `lang`: 'en' of what could not be said otherwise. */
export function langOf(text: unknown): 'en' | undefined {
  if (lang.value === 'en' || typeof text !== 'string' || !text) return undefined;
  return english.has(text) ? 'en' : undefined;
}

/** Texts that are put together of such. */
export function joined(parts: string[], between: string): string {
  const whole = parts.filter(Boolean).join(between);
  if (parts.some((p) => langOf(p))) english.add(whole);
  return whole;
}
