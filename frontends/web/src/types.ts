// What the server answers, as far as the page reads it.
export type Role = 'admin' | 'operator' | 'viewer' | 'peer' | 'setup';

export interface Me {
  username: string;
  role: Role;
  must_change?: boolean;
  totp?: boolean;
  id?: number;
  user?: string;
}

export interface Leaves {
  exit: string | null;
  by: string | null;
  group: string | null;
  carrier: string | null;
  state: string | null;
  open: boolean;
  closed: boolean;
  direct: boolean;
  may: boolean;
  text: string;
}

export interface PeerStatus {
  name: string;
  id: number;
  address4: string;
  address6: string;
  enabled: boolean;
  active: boolean;
  handshake: string | null;
  endpoint: string | null;
  rx: number;
  tx: number;
  leaves: Leaves | null;
}

export interface ExitStatus {
  name: string;
  id: number;
  type: string;
  slot: number;
  enabled: boolean;
  state: 'off' | 'starting' | 'up' | 'down' | null;
  since: string | null;
  latency_us: number | null;
  loss: number | null;
  rx: number;
  tx: number;
  address4: string | null;
  address6: string | null;
  active: string | null;
  users: number;
  remote: string | null;
  error: { message: string; hint: string | null } | null;
}

export interface Head {
  cell: string;
  name: string;
  device: string;
  wg: string | null;
  public_key: string;
  listen_port: number;
  endpoint: string | null;
  net4: string;
  net6: string;
  revision: number;
  applied: number | null;
  ready: boolean;
  world: string;
  agent: { pid: number; version: string; since: string } | null;
  confirm: { revision: number; back: number; left_ms: number; actor: string } | null;
  drift: { count: number; text: string } | null;
  audit: { rows: number; signed: number | null; error: string | null } | null;
  error: unknown;
  counts: { peers: number; active: number; online: number };
}

export interface Peer {
  id: number;
  revision: number;
  name: string;
  enabled: boolean;
  address4: string;
  address6: string;
  access: string[] | null;
  groups: string[] | null;
  exit: string | null;
  failopen: boolean | null;
  tunnel: string | null;
  subnets: string[] | null;
  keepalive: number;
  expires: string | null;
  note: string | null;
  public_key: string;
  key_mode: string;
  preshared: boolean;
  config_shown: string | null;
  created: string;
}

export interface Group {
  id: number;
  revision: number;
  name: string;
  access: string[] | null;
  exit: string | null;
  note: string | null;
}

export interface Connection {
  id: number;
  revision: number;
  name: string;
  type: string;
  enabled: boolean;
  failopen: boolean;
  members: string[] | null;
  endpoint: string | null;
  note: string | null;
  public_key: string | null;
  created: string;
  [field: string]: unknown;
}

export interface Assertion {
  id: number;
  revision: number;
  name: string;
  rule: string;
  enabled: boolean;
  note: string | null;
}

export interface DnsRecord {
  id: number;
  revision: number;
  name: string;
  addresses: string[] | null;
  cname: string | null;
  mx: string[] | null;
  srv: string[] | null;
  txt: string[] | null;
  ttl: number;
  note: string | null;
}

export interface Domain {
  id: number;
  revision: number;
  name: string;
  mode: string;
  enabled: boolean;
  note: string | null;
}

export interface Service {
  id: number;
  revision: number;
  name: string;
  target: string;
  verify: boolean;
  enabled: boolean;
  public: boolean;
  address4: string;
  address6: string;
  note: string | null;
}

export interface Forward {
  id: number;
  revision: number;
  name: string;
  servers: string[];
  dnssec: boolean;
  enabled: boolean;
  note: string | null;
}

export interface Alert {
  name: string;
  to: string;
  events: string[];
  enabled: boolean;
  note: string | null;
}

export interface Target {
  name: string;
  url: string;
  enabled: boolean;
  note: string | null;
}

export interface Blocklist {
  id: number;
  revision: number;
  name: string;
  source: string;
  format: string;
  groups: string[];
  allow: string[];
  enabled: boolean;
  refresh: number;
  note: string | null;
}

export interface User {
  id: number;
  revision: number;
  name: string;
  role: Role;
  enabled: boolean;
  devices: string[] | null;
  exits: string[] | null;
  must_change: boolean | null;
  note: string | null;
  created: string;
  totp?: boolean | null;
}

export interface Token {
  id: number;
  revision: number;
  name: string;
  user: string;
  scope: string;
  expires: string | null;
  note: string | null;
  created: string;
}

export interface Certificate {
  id: number;
  revision: number;
  name: string;
  names: string[] | null;
  subjects: string[] | null;
  issuer: string;
  key_mode: string;
  revoked: boolean | null;
  not_before: string | null;
  not_after: string | null;
  renew_at: string | null;
  key_shown: string | null;
  fingerprint: string | null;
  serial: string | null;
  note: string | null;
}

/** How the asking of a public CA goes. */
export interface Asking {
  name: string;
  state: 'good' | 'due' | 'asking' | 'failing' | 'nobody' | 'revoking' | 'revoked';
  subjects: string[];
  domain: string | null;
  proof: string | null;
  directory: string | null;
  failures: number;
  next: string | null;
  tried: string | null;
  where: 'first' | 'second' | 'rehearsal' | null;
  why: string | null;
}

export interface Issuers {
  certificates: Asking[];
  accounts: { directory: string; known: boolean; email: string | null; wished: string | null; failures: number; next: string | null; why: string | null }[];
}

export interface Authority {
  subject: string;
  fingerprint: string;
  not_before: string;
  not_after: string;
  zones: string[];
  networks: string[];
  fits: boolean;
  former: { subject: string; fingerprint: string; not_after: string; until: string } | null;
}

export interface Meaning {
  who: string;
  count: number;
  peers: string[];
  verb: 'gains' | 'loses' | 'leaves';
  to: string;
  proto: string | null;
  ports: string | null;
  families: number[];
  part: boolean;
  rule: string;
  example: { peer: string; source: string; destination: string; proto: string | null; port: number | null } | null;
  text: string;
}

export interface Change {
  kind: string;
  name: string;
  verb: 'add' | 'change' | 'remove';
  fields: { field: string; before: string | null; after: string | null }[];
}

export interface Step {
  verb: string;
  backend: string;
  kind: string;
  key: string;
  before: string | null;
  after: string | null;
  risk: string;
  reversible: boolean;
  object: string;
}

export interface Plan {
  revision: number;
  changes: Change[];
  steps: Step[];
  meaning: Meaning[];
  risk: 'none' | 'traffic' | 'session';
  session: { address: string; peer: string | null; cut: boolean; reason: string | null } | null;
  secrets: { name: string; field: string; state: string; text: string }[];
  notes: { kind: string; name: string; note: string; until: string; text: string }[];
}

export interface Outcome {
  state: 'applied' | 'pending' | 'failed';
  revision: number;
  steps: number;
  error: { message?: string; error?: string; hint?: string | null } | string | null;
  waits: boolean;
}

export interface Finding {
  level: 'error' | 'warning' | 'info';
  area: string;
  what: string;
  fix: string | null;
}

export interface Row {
  seq: number;
  revision: number;
  time: string;
  actor: string;
  way: string;
  kind: string;
  id: number;
  name: string;
  verb: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  text: string;
}

export interface SchemaField {
  name: string;
  type: string;
  list: boolean;
  required: boolean;
  system: boolean;
  secret: boolean;
  fixed: boolean;
  help: string;
  placeholder: string | null;
  default: string | null;
  choices: string[];
  ref: string | null;
}

export interface Verdict {
  allowed: boolean;
  from: string;
  to: string;
  rule: string;
  through: string | null;
  reason: string;
  leaves: string | null;
  closed: boolean;
  source: string | null;
  destination: string | null;
  origin: { revision: number; time: string; actor: string; way: string; text: string } | null;
}

export interface Shown {
  name?: string;
  config: string;
  qr?: string | null;
}
