import { render } from 'preact';
import { App } from './app';
import { preferredLang, setLang } from './i18n';
import { listen } from './router';
import { look } from './session';
import { applyTheme } from './theme';

applyTheme();
listen();
void Promise.all([setLang(preferredLang()), location.pathname === '/link' ? null : look()]).then(() => {
  const root = document.getElementById('app');
  if (!root) return;
  root.replaceChildren();
  render(<App />, root);
});
