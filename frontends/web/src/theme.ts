import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
export const theme = signal<Theme>('auto');

export function applyTheme(next?: Theme): void {
  try {
    if (next) localStorage.setItem('pic.theme', next);
    else next = (localStorage.getItem('pic.theme') as Theme | null) ?? 'auto';
  } catch {
    /* a browser that keeps nothing */
  }
  theme.value = next ?? 'auto';
  if (theme.value === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}
