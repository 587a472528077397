// An order that is changed by hand: dragged by its handle, or moved by the arrow keys and buttons.
import { useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { Button } from './basic';
import { Icon } from './icon';
import { announce } from './toast';

export function moved<T>(list: T[], from: number, to: number): T[] {
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return list;
  const next = [...list];
  const [item] = next.splice(from, 1);
  next.splice(to, 0, item as T);
  return next;
}

export function Order(p: { names: string[]; onOrder: (names: string[]) => void; onRemove?: (name: string) => void; row?: (name: string) => ComponentChildren; label: string }) {
  const list = useRef<HTMLOListElement>(null);
  const [held, setHeld] = useState<string | null>(null);
  const shift = (name: string, to: number) => {
    const from = p.names.indexOf(name);
    const next = moved(p.names, from, to);
    if (next === p.names) return;
    p.onOrder(next);
    announce(t('order.moved', { name, place: to + 1, n: p.names.length }));
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-handle="${CSS.escape(name)}"]`)?.focus());
  };
  const drag = (e: PointerEvent) => {
    if (!held || !list.current) return;
    const rows = [...list.current.children] as HTMLElement[];
    const over = rows.findIndex((el) => {
      const b = el.getBoundingClientRect();
      return e.clientY >= b.top && e.clientY <= b.bottom;
    });
    if (over >= 0 && p.names[over] !== held) p.onOrder(moved(p.names, p.names.indexOf(held), over));
  };
  return (
    <ol class="order" ref={list} aria-label={p.label}>
      {p.names.map((name, i) => (
        <li key={name} class={held === name ? 'held' : ''}>
          <button
            type="button"
            class="handle"
            data-handle={name}
            aria-label={t('order.handle', { name, place: i + 1, n: p.names.length })}
            onPointerDown={(e) => {
              e.currentTarget.setPointerCapture(e.pointerId);
              setHeld(name);
            }}
            onPointerMove={drag}
            onPointerUp={() => setHeld(null)}
            onPointerCancel={() => setHeld(null)}
            onKeyDown={(e) => {
              const by = e.key === 'ArrowUp' ? -1 : e.key === 'ArrowDown' ? 1 : 0;
              if (!by) return;
              e.preventDefault();
              shift(name, i + by);
            }}
          >
            <Icon name="drag" size={18} />
          </button>
          <span class="place">{i + 1}</span>
          <span class="name">{p.row ? p.row(name) : name}</span>
          <Button small look="quiet" icon="up" label={t('order.up', { name })} disabled={i === 0} onClick={() => shift(name, i - 1)} />
          <Button small look="quiet" icon="down" label={t('order.down', { name })} disabled={i === p.names.length - 1} onClick={() => shift(name, i + 1)} />
          {p.onRemove && <Button small look="quiet" icon="close" label={t('order.remove', { name })} onClick={() => p.onRemove?.(name)} />}
        </li>
      ))}
    </ol>
  );
}
