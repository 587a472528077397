// A device's configuration, which the cell shows once.
import { t } from './i18n';
import type { Shown } from './types';
import { Button, Copy, Note, saveFile } from './ui/basic';
import { Qr } from './ui/qr';

export function ConfigView({ name, shown, kept }: { name: string; shown: Shown; kept?: boolean }) {
  return (
    <div class="config">
      {!kept && (
        <Note tone="warn" icon="key">
          <strong>{t('config.once')}</strong> {t('config.once.text')}
        </Note>
      )}
      <div class="two">
        {shown.qr && (
          <div>
            <Qr svg={shown.qr} label={t('config.qr', { name })} />
          </div>
        )}
        <div class="stack">
          <ol class="howto">
            <li>{t('config.step1')}</li>
            <li>{t('config.step2')}</li>
            <li>{t('config.step3')}</li>
          </ol>
          <div class="actions">
            <Button icon="download" look="main" onClick={() => saveFile(`${name.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 15) || 'device'}.conf`, shown.config)}>
              {t('config.download')}
            </Button>
            <Copy text={shown.config} label={t('config.copy')} />
          </div>
          <details>
            <summary>{t('config.text')}</summary>
            <pre tabIndex={0} class="secret">
              {shown.config}
            </pre>
          </details>
        </div>
      </div>
    </div>
  );
}
