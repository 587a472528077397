// What was wrong, on a line of time. Pure.
export interface Past {
  level: 'error' | 'warning';
  area: string;
  what: string;
  fix: string | null;
  began: string;
  ended: string | null;
}
export interface Row extends Past {
  lasted: number; // milliseconds, until now when it is still so
  left: number; // of a hundred
  width: number;
}

/** Still so comes first, then what was last. Where it lies on a line from `from` to `now`; what is short is seen all the same. */
export function rowsOf(past: Past[], from: number, now: number): Row[] {
  const span = Math.max(1, now - from);
  return past
    .map((p) => {
      const began = Date.parse(p.began);
      const end = p.ended ? Date.parse(p.ended) : now;
      const width = Math.max(1, ((Math.min(end, now) - Math.max(began, from)) / span) * 100);
      return { ...p, lasted: Math.max(0, end - began), left: Math.max(0, Math.min(100 - width, ((began - from) / span) * 100)), width: Math.min(100, width) };
    })
    .sort((a, b) => Number(!!a.ended) - Number(!!b.ended) || Date.parse(b.began) - Date.parse(a.began));
}

const units = [
  ['day', 86400000],
  ['hour', 3600000],
  ['minute', 60000],
] as const;
export type Unit = (typeof units)[number][0];

/** In its largest unit: nobody needs the seconds of a day. */
export function length(ms: number): { n: number; unit: Unit } {
  for (const [unit, size] of units) if (ms >= size) return { n: Math.round(ms / size), unit };
  return { n: 1, unit: 'minute' };
}
