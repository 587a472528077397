import { frame } from './catalog/frame.de';
import { account } from './catalog/account.de';
import { setup } from './catalog/setup.de';
import { home } from './catalog/home.de';
import { devices } from './catalog/devices.de';
import { exits } from './catalog/exits.de';
import { names } from './catalog/names.de';
import { rules } from './catalog/rules.de';
import { change } from './catalog/change.de';
import { health } from './catalog/health.de';
import { certs } from './catalog/certs.de';
import { people } from './catalog/people.de';
import { fields } from './catalog/fields.de';
import { backups } from './catalog/backups.de';
import type { Catalog } from './i18n';

export const de: Catalog = {
  ...frame,
  ...account,
  ...setup,
  ...home,
  ...devices,
  ...exits,
  ...names,
  ...rules,
  ...change,
  ...health,
  ...certs,
  ...people,
  ...fields,
  ...backups,
};
