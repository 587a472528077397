// The browser's own dialog: it holds the focus, Escape closes it, and the focus goes back to where it was.
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Button } from './basic';

export function Dialog(p: { title: string; onClose: () => void; children: ComponentChildren; actions?: ComponentChildren; wide?: boolean; sheet?: boolean; locked?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // In the same breath as the page is changed: for not one moment is the focus nowhere.
  useLayoutEffect(() => {
    const d = ref.current;
    const before = document.activeElement as HTMLElement | null;
    if (d && !d.open) d.showModal();
    return () => {
      d?.close();
      if (before?.isConnected) before.focus();
      else document.querySelector<HTMLElement>('main h1')?.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`${p.wide ? 'wide' : ''} ${p.sheet ? 'sheet' : ''}`}
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        if (!p.locked) p.onClose();
      }}
      onClick={(e) => {
        if (e.target === e.currentTarget && !p.locked && p.sheet) p.onClose();
      }}
    >
      <header>
        <h2 id={id} tabIndex={-1}>
          {p.title}
        </h2>
        {!p.locked && <Button look="quiet" icon="close" label={t('close')} onClick={p.onClose} />}
      </header>
      <div class="body" tabIndex={-1}>
        {p.children}
      </div>
      {p.actions && <footer>{p.actions}</footer>}
    </dialog>
  );
}
