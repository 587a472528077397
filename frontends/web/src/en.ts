// Every word of the page, in a catalog for each of its parts. A second language has the same (de.ts); tests/web compares them.
import { frame } from './catalog/frame.en';
import { account } from './catalog/account.en';
import { setup } from './catalog/setup.en';
import { home } from './catalog/home.en';
import { devices } from './catalog/devices.en';
import { exits } from './catalog/exits.en';
import { names } from './catalog/names.en';
import { rules } from './catalog/rules.en';
import { change } from './catalog/change.en';
import { health } from './catalog/health.en';
import { certs } from './catalog/certs.en';
import { people } from './catalog/people.en';
import { fields } from './catalog/fields.en';
import { backups } from './catalog/backups.en';

export const en = {
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
} as const;
