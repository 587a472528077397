// What happened, said once: seen in a corner, heard through a live region.
import { signal } from '@preact/signals';
import { t } from '../i18n';
import { joined, langOf } from '../library';
import { Button } from './basic';
import { Icon } from './icon';

export type ToastTone = 'good' | 'bad' | 'info' | 'warn';
interface Toast {
  id: number;
  text: string;
  detail: string;
  tone: ToastTone;
  action?: { label: string; run: () => unknown };
}

const toasts = signal<Toast[]>([]);
const spoken = signal('');
let last = 0;

const drop = (id: number): void => {
  toasts.value = toasts.peek().filter((x) => x.id !== id);
};

export function say(text: string, o: { tone?: ToastTone; detail?: string; action?: Toast['action']; ms?: number } = {}): void {
  const id = ++last;
  const tone = o.tone ?? 'info';
  toasts.value = [...toasts.peek().slice(-1), { id, text, detail: o.detail ?? '', tone, action: o.action }];
  spoken.value = joined([text, o.detail ?? ''], ' ');
  setTimeout(() => drop(id), o.ms ?? (tone === 'bad' || o.action ? 10000 : 5000));
}

/** For the ear only: a route that changed, a row that moved. */
export function announce(text: string): void {
  spoken.value = '';
  setTimeout(() => (spoken.value = text), 60);
}

export function Toasts() {
  return (
    <>
      <div class="hidden" role="status" aria-live="polite" aria-atomic="true">
        <span lang={langOf(spoken.value)}>{spoken.value}</span>
      </div>
      <div class="toasts" role="region" aria-label={t('toast.region')} popover="manual" ref={(el) => {
        // Above an open dialog too: the top layer is a stack.
        if (!el) return;
        if (el.matches(':popover-open')) el.hidePopover();
        if (toasts.value.length) el.showPopover();
      }}>
        {toasts.value.map((x) => (
          <div key={x.id} class={`toast ${x.tone}`}>
            <Icon name={x.tone === 'good' ? 'check' : x.tone === 'info' ? 'info' : x.tone} />
            <div>
              <p lang={langOf(x.text)}>{x.text}</p>
              {x.detail && (
                <p class="detail" lang={langOf(x.detail)}>
                  {x.detail}
                </p>
              )}
            </div>
            {x.action && (
              <Button small look="quiet" onClick={() => (drop(x.id), x.action?.run())}>
                {x.action.label}
              </Button>
            )}
            <Button small look="quiet" icon="close" label={t('close')} onClick={() => drop(x.id)} />
          </div>
        ))}
      </div>
    </>
  );
}
