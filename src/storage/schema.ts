import type { Generated } from 'kysely';

/**
 * The tables as both databases hold them: text and whole numbers only. Times are seconds UTC, hashes lower-case hex,
 * DER standard base64.
 */
export interface Schema {
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
}
