// A link that shows a device's configuration once. The secret is behind the '#': it reached no server before the button is pressed.
import { useEffect, useState } from 'preact/hooks';
import { post } from '../api';
import { ConfigView } from '../config';
import { t } from '../i18n';
import type { Shown } from '../types';
import { Button, ErrorBox, Note, useAttempt } from '../ui/basic';
import { Icon } from '../ui/icon';

export function Link() {
  const [token] = useState(() => location.hash.replace(/^#\/?/, ''));
  const [shown, setShown] = useState<Shown | null>(null);
  const { error, attempt } = useAttempt();
  useEffect(() => {
    document.title = `${t('link.title')} · ${t('app')}`;
  }, []);
  const show = () =>
    attempt(async () => {
      setShown((await post<Shown>('/api/link', { token })).data);
      history.replaceState(null, '', '/link');
    });
  return (
    <main class="alone">
      <div class="brandline">
        <Icon name="cell" size={44} />
        <h1 tabIndex={-1}>{t('link.title')}</h1>
      </div>
      {!shown && (
        <>
          <p>{t('link.text')}</p>
          {!token && <Note tone="warn">{t('link.none')}</Note>}
          <ErrorBox error={error} />
          <Button look="main" icon="qr" disabled={!token} onClick={show}>
            {t('link.show')}
          </Button>
          <p class="help">{t('link.once')}</p>
        </>
      )}
      {shown && <ConfigView name={shown.name ?? 'device'} shown={shown} />}
    </main>
  );
}
