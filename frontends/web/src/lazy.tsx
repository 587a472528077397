// A page's code comes when the page is opened, and then stays.
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from './i18n';
import { Button, Loading } from './ui/basic';

export type ComponentType = FunctionComponent;

export function lazy<M extends Record<string, unknown>>(load: () => Promise<M>, name: keyof M & string): ComponentType {
  let have: ComponentType | null = null;
  return function Lazy() {
    const [, redraw] = useState(0);
    const [failed, setFailed] = useState(false);
    const fetchIt = () => {
      setFailed(false);
      load().then(
        (m) => {
          have = m[name] as ComponentType;
          redraw((n) => n + 1);
        },
        () => setFailed(true),
      );
    };
    useEffect(() => {
      if (!have) fetchIt();
    }, []);
    if (have) {
      const P = have;
      return <P />;
    }
    if (failed)
      return (
        <div class="alone">
          <h1 tabIndex={-1}>{t('away.title')}</h1>
          <p>{t('away.new')}</p>
          <Button look="main" onClick={() => location.reload()}>
            {t('reload')}
          </Button>
        </div>
      );
    return <Loading />;
  };
}
