// The frame around every page: where one is, where one can go, what runs, what waits.
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { lazy, type ComponentType } from './lazy';
import { running } from './api';
import { ChangeDialog, ConfirmBar } from './change';
import { t, type Key } from './i18n';
import { head, line } from './live';
import { Link } from './pages/link';
import { Again, Login } from './pages/login';
import { Overview } from './pages/overview';
import { route } from './router';
import { logout, look, may, me, place } from './session';
import { Button, Empty, Loading, Page } from './ui/basic';
import { Dialog } from './ui/dialog';
import { Icon, type IconName } from './ui/icon';
import { announce, Toasts } from './ui/toast';
import type { Role } from './types';

interface Entry {
  path: string;
  label: Key;
  icon: IconName;
  roles: Role[];
  page: ComponentType;
  detail?: ComponentType;
  hidden?: boolean;
}

const daily = (name: keyof typeof import('./pages/daily')) => lazy(() => import('./pages/daily'), name);
const rest = (name: keyof typeof import('./pages/rest')) => lazy(() => import('./pages/rest'), name);
const readers: Role[] = ['admin', 'operator', 'viewer'];
const entries: Entry[] = [
  { path: '', label: 'nav.overview', icon: 'home', roles: readers, page: Overview },
  { path: 'devices', label: 'nav.devices', icon: 'devices', roles: readers, page: daily('Devices'), detail: daily('Device') },
  { path: 'add-device', label: 'nav.adddevice', icon: 'plus', roles: ['admin', 'operator'], page: daily('AddDevice'), hidden: true },
  { path: 'groups', label: 'nav.groups', icon: 'groups', roles: readers, page: daily('Groups'), detail: daily('GroupPage') },
  { path: 'exits', label: 'nav.exits', icon: 'exit', roles: readers, page: daily('Exits'), detail: daily('Exit') },
  { path: 'add-exit', label: 'nav.addexit', icon: 'plus', roles: ['admin', 'operator'], page: daily('AddExit'), hidden: true },
  { path: 'services', label: 'nav.services', icon: 'services', roles: readers, page: rest('Services') },
  { path: 'names', label: 'nav.names', icon: 'names', roles: readers, page: rest('Names') },
  { path: 'domains', label: 'nav.domains', icon: 'domains', roles: readers, page: rest('Domains') },
  { path: 'rules', label: 'nav.rules', icon: 'rule', roles: readers, page: daily('Rules') },
  { path: 'certs', label: 'nav.certs', icon: 'lock', roles: readers, page: rest('Certs') },
  { path: 'history', label: 'nav.history', icon: 'history', roles: readers, page: rest('History') },
  { path: 'audit', label: 'nav.audit', icon: 'audit', roles: readers, page: rest('Audit') },
  { path: 'doctor', label: 'nav.doctor', icon: 'doctor', roles: readers, page: rest('Doctor') },
  { path: 'alerts', label: 'nav.alerts', icon: 'bell', roles: readers, page: rest('Alerts') },
  { path: 'backups', label: 'nav.backups', icon: 'download', roles: ['admin'], page: rest('Backups') },
  { path: 'time', label: 'nav.time', icon: 'clock', roles: readers, page: rest('Time') },
  { path: 'logs', label: 'nav.logs', icon: 'logs', roles: readers, page: rest('Logs') },
  { path: 'people', label: 'nav.people', icon: 'people', roles: ['admin'], page: rest('People') },
  { path: 'settings', label: 'nav.settings', icon: 'settings', roles: readers, page: rest('Settings') },
  { path: 'account', label: 'nav.account', icon: 'key', roles: [...readers, 'peer'], page: lazy(() => import('./pages/account'), 'Account') },
];
const mine: Entry = { path: '', label: 'nav.mine', icon: 'phone', roles: ['peer'], page: lazy(() => import('./pages/mine'), 'Mine') };
const Setup = lazy(() => import('./pages/setup'), 'Setup');

const visible = (): Entry[] => {
  const role = me.value?.role ?? 'viewer';
  return [mine, ...entries].filter((e) => e.roles.includes(role));
};

const bottom = ['', 'devices', 'exits', 'history'];

function NavLink({ e, onGo }: { e: Entry; onGo?: () => void }) {
  const here = (route.value.parts[0] ?? '') === e.path || (e.path === 'devices' && route.value.parts[0] === 'add-device') || (e.path === 'exits' && route.value.parts[0] === 'add-exit');
  return (
    <a href={'#/' + e.path} aria-current={here ? 'page' : undefined} onClick={onGo}>
      <Icon name={e.icon} />
      <span>{t(e.label)}</span>
    </a>
  );
}

function Line() {
  if (me.value?.role === 'peer') return null;
  const state = line.value;
  return (
    <p class={`line ${state}`} role="status">
      {state === 'lost' && (
        <>
          <Icon name="warn" size={15} /> {t('line.lost')}
        </>
      )}
    </p>
  );
}

function Progress() {
  const [show, setShow] = useState(false);
  const busy = running.value > 0;
  useEffect(() => {
    if (!busy) return setShow(false);
    const timer = setTimeout(() => setShow(true), 450);
    return () => clearTimeout(timer);
  }, [busy]);
  return show ? <div class="working" role="progressbar" aria-label={t('working')} /> : null;
}

function More({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t('nav.more')} onClose={onClose} sheet>
      <nav class="sheetnav" aria-label={t('nav.more')}>
        {visible()
          .filter((e) => !e.hidden && !bottom.includes(e.path))
          .map((e) => (
            <NavLink key={e.path} e={e} onGo={onClose} />
          ))}
      </nav>
      <Button icon="logout" onClick={logout}>
        {t('logout')}
      </Button>
    </Dialog>
  );
}

function Current() {
  const r = route.value;
  const first = r.parts[0] ?? '';
  const e = visible().find((x) => x.path === first);
  if (!e || (r.parts.length > 1 && !e.detail))
    return (
      <div class="page">
        <h1 tabIndex={-1}>{t('lost.title')}</h1>
        <Empty icon="search" title={t('lost.text')} action={<a class="button main" href="#/">{t('lost.home')}</a>} />
      </div>
    );
  const P = r.parts.length > 1 && e.detail ? e.detail : e.page;
  return (
    <Guard key={r.path}>
      <P />
    </Guard>
  );
}

/** A page that breaks takes nothing else with it. */
function Guard({ children }: { children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary((e) => console.error(e));
  if (!error) return <>{children}</>;
  return (
    <Page title={t('broken.title')} lead={t('broken.text')}>
      <div class="actions">
        <Button look="main" icon="refresh" onClick={reset}>
          {t('retry')}
        </Button>
      </div>
      <details>
        <summary>{t('broken.detail')}</summary>
        <pre tabIndex={0}>{String((error as Error).message ?? error)}</pre>
      </details>
    </Page>
  );
}

function Shell() {
  const [more, setMore] = useState(false);
  const path = route.value.path;
  useEffect(() => {
    scrollTo(0, 0);
    let tries = 0;
    const find = () => {
      const h1 = document.querySelector<HTMLElement>('main h1');
      if (!h1) return void (tries++ < 40 && setTimeout(find, 50));
      if (!document.querySelector('dialog[open]')) h1.focus({ preventScroll: true });
      announce(h1.textContent ?? '');
    };
    setTimeout(find, 30);
  }, [path]);
  const admin = may('write');
  return (
    <div class="shell">
      <a
        class="skip"
        href="#main"
        onClick={(e) => {
          e.preventDefault();
          document.querySelector<HTMLElement>('main h1')?.focus();
        }}
      >
        {t('skip')}
      </a>
      <header class="top">
        <a class="brand" href="#/">
          <Icon name="cell" size={26} />
          <span>{head.value?.name ?? t('app.short')}</span>
        </a>
        <Line />
        <a class="button quiet small who" href="#/account">
          <Icon name="people" size={18} />
          <span>{me.value?.username}</span>
        </a>
      </header>
      <nav class="side" aria-label={t('nav.label')}>
        {visible()
          .filter((e) => !e.hidden)
          .map((e) => (
            <NavLink key={e.path} e={e} />
          ))}
        <button type="button" class="navbutton" onClick={() => void logout()}>
          <Icon name="logout" />
          <span>{t('logout')}</span>
        </button>
      </nav>
      <main id="main">
        <ConfirmBar />
        <Current />
      </main>
      <nav class="bottom" aria-label={t('nav.short')}>
        {visible()
          .filter((e) => bottom.includes(e.path))
          .map((e) => (
            <NavLink key={e.path} e={e} />
          ))}
        <button type="button" class="navbutton" aria-haspopup="dialog" onClick={() => setMore(true)}>
          <Icon name="more" />
          <span>{t('nav.more')}</span>
        </button>
      </nav>
      {more && <More onClose={() => setMore(false)} />}
      {admin && <ChangeDialog />}
      <Again />
    </div>
  );
}

function Offline() {
  useEffect(() => {
    const timer = setInterval(() => void look(), 5000);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="alone">
      <h1 tabIndex={-1}>{t('away.title')}</h1>
      <p>{t('away.text')}</p>
      <Button look="main" icon="refresh" onClick={look}>
        {t('retry')}
      </Button>
    </main>
  );
}

export function App() {
  const p = place.value;
  return (
    <>
      <Progress />
      {location.pathname === '/link' ? (
        <Link />
      ) : p === 'in' ? (
        me.value?.must_change && route.value.parts[0] !== 'account' ? (
          <MustChange />
        ) : (
          <Shell />
        )
      ) : p === 'setup' ? (
        <>
          <Setup />
          <ChangeDialog />
        </>
      ) : p === 'login' ? (
        <Login />
      ) : p === 'offline' ? (
        <Offline />
      ) : (
        <Loading />
      )}
      <Toasts />
    </>
  );
}

const PasswordOnly = lazy(() => import('./pages/account'), 'MustChangePage');
function MustChange() {
  return (
    <PasswordOnly />
  );
}
