// Whether a backup comes back: what a drill says, in words. Pure.
import { num } from './format';
import { maybe, t } from './i18n';
import type { Tone } from './words';

export interface Check {
  check: string;
  state: 'ok' | 'skipped' | 'failed' | null;
  milliseconds: number;
  text: string | null;
  hint: string | null;
}
export interface Report {
  restorable: boolean;
  milliseconds: number;
  failed: string | null;
  checks: Check[];
}

export const checkWord = (check: string): string => maybe(`check.${check}`) ?? check;
export const seconds = (milliseconds: number): string => t('drill.seconds', { n: num(milliseconds / 1000, 1) });

export interface Told {
  tone: Tone;
  words: string;
  done: number; // of all checks
}

/** One line for all of it: what failed is said by its name. */
export function verdict(r: Report): Told {
  const done = r.checks.filter((c) => c.state === 'ok' || c.state === 'skipped').length;
  if (r.restorable) return { tone: 'good', words: t('drill.good', { n: done, time: seconds(r.milliseconds) }), done };
  return { tone: 'bad', words: t('drill.bad', { what: checkWord(r.failed ?? '') }), done };
}
