import type { Generated } from 'kysely';
import type { PeopleSchema } from './people-schema.js';

/**
 * The tables as both databases hold them: text and whole numbers only. Times are seconds UTC, hashes lower-case hex,
 * DER standard base64.
 */
export interface Schema extends PeopleSchema {
  settings: SettingsTable;
  authorities: AuthoritiesTable;
  revocation_lists: RevocationListsTable;
  signed_revocation_lists: SignedRevocationListsTable;
  certificates: CertificatesTable;
  public_keys: PublicKeysTable;
  denied_certificates: DeniedCertificatesTable;
  enrolment_tokens: EnrolmentTokensTable;
  access_tokens: AccessTokensTable;
  audit_events: AuditEventsTable;
  projects: ProjectsTable;
  project_members: ProjectMembersTable;
  project_invitations: ProjectInvitationsTable;
  services: ServicesTable;
  service_users: ServiceUsersTable;
  accesses: AccessesTable;
  access_topics: AccessTopicsTable;
  rotation_requests: RotationRequestsTable;
  outbox: OutboxTable;
  webhooks: WebhooksTable;
  leases: LeasesTable;
}

/** Facts about the installation itself, such as the check value of the master key. */
interface SettingsTable {
  name: string;
  value: string;
}

export type AuthorityState = 'prepared' | 'active' | 'retiring' | 'retired';

interface AuthoritiesTable {
  /** First 16 hex digits of the certificate's SHA-256; names the authority in URLs. */
  id: string;
  /** What it is for; one row per purpose is active. */
  purpose: string;
  state: AuthorityState;
  certificate: string;
  /** Issuers of the certificate up to the root, base64 DER separated by line feeds; empty for a root. */
  chain: string;
  /** The private key sealed with the master key; null where the operator keeps it in a file. */
  sealed_key: string | null;
  created_at: number;
  /** When it came into its state; empty where an older release put it there. */
  state_since: number | null;
  /** When its next step is due: activation of a prepared one, retirement of a retiring one. */
  next_step_at: number | null;
  /** Since when its certificates should be renewed at once. */
  hinted_at: number | null;
  revoked_at: number | null;
  revocation_reason: string | null;
  /** How OCSP requests name its key; empty where an older release put it there. */
  key_sha1: string | null;
  key_sha256: string | null;
}

/** The number of each authority's list. The other columns are the first release's: it kept the whole list here. */
interface RevocationListsTable {
  authority_id: string;
  /** Goes up with every revocation and with every list that is begun. */
  number: number;
  this_update: number;
  next_update: number;
  der: string;
}

/** Issued here, or elsewhere under the same authority and taken onto the record. */
export type CertificateOrigin = 'issued' | 'adopted';

interface SignedRevocationListsTable {
  authority_id: string;
  /** The number under which a list was begun last, and when. */
  begun_number: number;
  begun_at: number;
  /** Of the list that was signed last; 0 before the first one, as in the columns below. */
  number: number;
  this_update: number;
  next_update: number;
  /** `this_update` of the list before it. */
  previous_update: number;
  /** Over the list whose entries stand in `certificates`. */
  signature: string;
}

interface CertificatesTable {
  sha256: string;
  authority_id: string;
  serial: string;
  origin: CertificateOrigin;
  /** application, server, ...: decides on which routes it is accepted. */
  kind: string;
  /** NAME, in central mode TENANT/GROUP/NAME, of a runtime TENANT/GROUP; of a server certificate its first host. */
  holder: string;
  subject: string;
  spki_sha256: string;
  not_before: number;
  not_after: number;
  der: string;
  issued_at: number;
  predecessor: string | null;
  /** SHA-256 of the first certificate of the line: a certificate and its successors. */
  line: string;
  /** Same request, same answer: set while the answer may be replayed, unique. */
  replay_key: string | null;
  replay_until: number | null;
  revoked_at: number | null;
  revocation_reason: string | null;
  /** Since when its holder should renew it at once. */
  hinted_at: number | null;
}

/** To whom a public key belongs; a key has one holder for ever. */
interface PublicKeysTable {
  spki_sha256: string;
  kind: string;
  holder: string;
  compromised_at: number | null;
}

/** Revoked by hash without being on record. */
interface DeniedCertificatesTable {
  sha256: string;
  reason: string;
  denied_at: number;
}

interface EnrolmentTokensTable {
  /** SHA-256 of the token; the token itself is nowhere. */
  token_sha256: string;
  /** First 12 hex digits of the hash: a name for people. */
  id: string;
  purpose: 'pair' | 'enrol' | 'recover';
  /** Of the certificate that it gives. */
  kind: 'application' | 'runtime';
  /** The holder's name without tenant and group; empty for a runtime. */
  application: string;
  /** In central mode. */
  tenant: string | null;
  tenant_group: string | null;
  /** SHA-256 of the lapsed certificate whose line a `recover` token continues. */
  predecessor: string | null;
  created_at: number;
  created_by: string;
  expires_at: number;
  used_at: number | null;
  withdrawn_at: number | null;
}

interface AccessTokensTable {
  token_sha256: string;
  id: string;
  name: string;
  role: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  withdrawn_at: number | null;
}

interface AuditEventsTable {
  id: Generated<number>;
  at: number;
  level: 'info' | 'warning';
  action: string;
  /** Who did it: application:NAME, operator:ID, cli:USER, gateway. */
  actor: string;
  /** Whom it concerns, where there is a name. */
  holder: string | null;
  certificate: string | null;
  request_id: string | null;
  /** JSON object; never a secret. */
  detail: string;
  /** Whose members may read it. */
  project: string | null;
  service: string | null;
}

interface ProjectsTable {
  name: string;
  organization_id: string;
  default_cloud: string;
  /** JSON array of addresses. */
  tech_emails: string;
  /** Instead of the gateway's settings. */
  validity_seconds: number | null;
  renew_before_seconds: number | null;
  created_at: number;
  updated_at: number;
}

export type ProjectRole = 'admin' | 'operator' | 'developer' | 'read_only';

interface ProjectMembersTable {
  project: string;
  user_id: string;
  role: ProjectRole;
  joined_at: number;
}

interface ProjectInvitationsTable {
  project: string;
  email: string;
  role: ProjectRole;
  /** Address of the member who invited. */
  invited_by: string;
  invited_at: number;
}

interface ServicesTable {
  project: string;
  name: string;
  type: string;
  plan: string;
  cloud: string;
  is_powered: number;
  host: string;
  port: number;
  /** JSON object. */
  user_config: string;
  tech_emails: string;
  validity_seconds: number | null;
  renew_before_seconds: number | null;
  /** How far it has come in a roll-over of the project's authority: 0, 1 (trusts both), 2 (presents the new). */
  trust_update: number;
  created_at: number;
  updated_at: number;
}

interface ServiceUsersTable {
  id: string;
  project: string;
  service: string;
  username: string;
  type: 'primary' | 'normal';
  sealed_password: string | null;
  password_updated_at: number | null;
  /** JSON object. */
  access_control: string;
  authentication: string | null;
  /** The current pair; all empty where the service has no certificates. */
  certificate_sha256: string | null;
  /** DER, base64. */
  certificate: string | null;
  /** PKCS#8, sealed. */
  sealed_key: string | null;
  not_after: number | null;
  /** Set while a renewal waits for its acknowledgement. */
  pending_id: string | null;
  old_certificate_sha256: string | null;
  old_not_after: number | null;
  renewed_at: number | null;
  /** SHA-256 of the `Idempotency-Key` of the last reset that had one. */
  reset_key: string | null;
  /** SHA-256 of the `Idempotency-Key` of the last renewal that somebody asked for with one. */
  renewal_key: string | null;
  /** Since when a renewal is asked for; the next new pair ends it. */
  renewal_asked_at: number | null;
  /** SubjectPublicKeyInfo, base64: the holder's own, for which the next renewal issues. */
  next_key: string | null;
  next_key_at: number | null;
  /** When the pending renewal is announced, or looked at, next: at `renewed_at` for the first time. */
  announce_at: number | null;
  /** JSON array of addresses beside the usual ones. */
  recipients: string;
  /** 1 where the holder may fetch a pending pair itself, with the old certificate. */
  is_self_service: Generated<number>;
  /** The pending renewal whose pair was handed out so. */
  fetched_pending_id: string | null;
  /** The access that owns it: its credentials change by approved requests alone. */
  access_id: string | null;
  /** 1: no route shows the present pair. */
  is_withheld: Generated<number>;
  created_at: number;
}

interface AccessesTable {
  id: string;
  organization_id: string;
  name: string;
  type: 'KAFKA';
  owner_group_id: string;
  service_user_id: string;
  project: string;
  service: string;
  username: string;
  /** JSON array. */
  acls: string;
  created_by: string;
  created_at: number;
}

/** The topics of the ACLs of accesses, once each: by these they are found. */
interface AccessTopicsTable {
  topic: string;
  access_id: string;
}

interface RotationRequestsTable {
  id: string;
  access_id: string;
  requester_id: string;
  message: string;
  revoke_old: 'at_once' | 'after_grace' | 'keep';
  state: 'pending' | 'provisioning' | 'approved' | 'failed' | 'declined' | 'deleted' | 'lapsed';
  created_at: number;
  lapses_at: number;
  decided_by: string | null;
  decided_at: number | null;
  /** What the decider said. */
  decision: string | null;
  failure: string | null;
  credentials_state: 'waiting' | 'revealed' | 'lapsed' | null;
  credentials_lapse_at: number | null;
  certificate_sha256: string | null;
  /** Opens the credentials; erased with them. */
  sealed_data_key: string | null;
  sealed_credentials: string | null;
  revealed_at: number | null;
  /** When the certificates before this one are revoked, as long as that has not been done. */
  revoke_old_at: number | null;
  /** Those: a JSON array of SHA-256. */
  old_certificates: string | null;
}

interface OutboxTable {
  /** Of one thing to be told to one recipient there is one row, whatever races. */
  dedupe_key: string;
  channel: 'mail' | 'webhook';
  /** Mail address or id of a webhook. */
  recipient: string;
  project: string;
  service: string;
  /** JSON; never a secret. */
  payload: string;
  /** withdrawn: what it tells of was over before it could be sent. */
  state: 'waiting' | 'sent' | 'dead' | 'withdrawn';
  attempts: number;
  next_attempt_at: number;
  created_at: number;
  sent_at: number | null;
  last_error: string | null;
}

interface WebhooksTable {
  id: string;
  project: string;
  url: string;
  sealed_secret: string;
  created_at: number;
  created_by: string;
}

/** Periodic work that one gateway does at a time. */
interface LeasesTable {
  name: string;
  holder: string;
  until: number;
}
