// The pages that are open every day come together: one file is smaller than eight, and the next page is there already.
export { Devices } from './devices';
export { Device } from './device';
export { AddDevice } from './add-device';
export { Groups, GroupPage } from './groups';
export { Exits } from './exits';
export { Exit } from './exit';
export { AddExit } from './add-exit';
export { Rules } from './rules';
