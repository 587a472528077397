// All words of the page come from one catalog a language. `{name}` puts a value in, `{n:device|devices}` chooses by number.
import { signal } from '@preact/signals';
import { en } from './en';
import { learn } from './library';

export type Key = keyof typeof en;
export type Catalog = Record<Key, string>;
type Args = Record<string, string | number>;

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Lang = keyof typeof languages;

export const lang = signal<Lang>('en');
const catalog = signal<Catalog>(en);

let plural = new Intl.PluralRules('en');
let number = new Intl.NumberFormat('en');

// The words that a number chooses between may hold places themselves.
const choice = /\{(\w+):((?:[^{}|]|\{\w+\})*)\|((?:[^{}|]|\{\w+\})*)\}/g;

export function fill(text: string, args: Args | undefined, rules: Intl.PluralRules, format: Intl.NumberFormat): string {
  if (!args) return text;
  const chosen = text.replace(choice, (all, name: string, one: string, other: string) => {
    const value = args[name];
    return value === undefined ? all : rules.select(Number(value)) === 'one' ? one : other;
  });
  return chosen.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = args[name];
    return value === undefined ? all : typeof value === 'number' ? format.format(value) : value;
  });
}

export function t(key: Key, args?: Args): string {
  return fill(catalog.value[key], args, plural, number);
}

/** The word of a key that need not be there: a field that the library got yesterday has a name, but no word yet. */
export function maybe(key: string): string | undefined {
  return (catalog.value as Record<string, string>)[key];
}

export async function setLang(next: Lang): Promise<void> {
  const words = next === 'de' ? (await import('./de')).de : en;
  const sentences = next === 'de' ? (await import('./library.de')).sentences : null;
  plural = new Intl.PluralRules(next);
  number = new Intl.NumberFormat(next);
  learn(sentences);
  catalog.value = words;
  lang.value = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem('pic.lang', next);
  } catch {
    /* a browser that keeps nothing */
  }
}

export function preferredLang(): Lang {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem('pic.lang');
  } catch {
    /* as above */
  }
  for (const want of [kept, ...navigator.languages]) {
    const short = want?.slice(0, 2);
    if (short === 'en' || short === 'de') return short;
  }
  return 'en';
}
