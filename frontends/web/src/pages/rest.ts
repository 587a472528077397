// The pages of whoever looks after the cell, together as well.
export { Services } from './services';
export { Names } from './names';
export { Domains } from './domains';
export { Certs } from './certs';
export { History } from './history';
export { Audit } from './audit';
export { Doctor } from './doctor';
export { Time } from './time';
export { Logs } from './logs';
export { People } from './people';
export { Settings } from './settings';
export { Alerts } from './alerts';
export { Backups } from './backups';
