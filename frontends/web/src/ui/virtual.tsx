// Rows of which only those in sight exist. The page itself scrolls: it feels like any page, on a phone too.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  count: number;
  height: number;
  label: string;
  columns: ComponentChildren;
  row: (index: number) => ComponentChildren;
  rowKey: (index: number) => string;
}

const more = 6;

export function VirtualTable(p: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<[number, number]>([0, 30]);
  const measure = () => {
    const el = box.current;
    if (!el) return;
    const top = -el.getBoundingClientRect().top;
    // In steps of some rows: a frame that moves by a few points costs nothing.
    const first = Math.max(0, Math.floor(top / p.height / 3) * 3 - more);
    const last = Math.min(p.count, Math.ceil((top + innerHeight) / p.height / 3) * 3 + more);
    setRange((r) => (r[0] === first && r[1] === last ? r : [first, last]));
  };
  useLayoutEffect(measure, [p.count, p.height]);
  useEffect(() => {
    let asked = 0;
    const ask = () => {
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        measure();
      });
    };
    addEventListener('scroll', ask, { passive: true });
    addEventListener('resize', ask);
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener('scroll', ask);
      removeEventListener('resize', ask);
    };
  });
  const rows = [];
  for (let i = range[0]; i < Math.min(range[1], p.count); i++)
    rows.push(
      <div key={p.rowKey(i)} class="vrow" role="row" aria-rowindex={i + 2} data-index={i} style={{ transform: `translateY(${i * p.height}px)`, height: `${p.height}px` }}>
        {p.row(i)}
      </div>,
    );
  const move = (e: KeyboardEvent) => {
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (!by) return;
    const here = (e.target as HTMLElement).closest<HTMLElement>('[data-index]');
    const next = here && box.current?.querySelector<HTMLElement>(`[data-index="${Number(here.dataset.index) + by}"] a`);
    if (!next) return;
    e.preventDefault();
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  };
  return (
    <div class="vtable" role="table" aria-label={p.label} aria-rowcount={p.count + 1}>
      <div class="vhead" role="rowgroup">
        <div role="row" aria-rowindex={1} class="vrow">
          {p.columns}
        </div>
      </div>
      <div class="vbody" role="rowgroup" ref={box} style={{ height: `${p.count * p.height}px` }} onKeyDown={move}>
        {rows}
      </div>
    </div>
  );
}
