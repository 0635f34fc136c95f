/** The tables of people: who they are, what they belong to, and by what they come in. Times are seconds UTC. */
export interface PeopleSchema {
  users: UsersTable;
  openid_used: OpenIdUsedTable;
  user_tokens: UserTokensTable;
  organizations: OrganizationsTable;
  organization_members: OrganizationMembersTable;
  user_groups: UserGroupsTable;
  group_members: GroupMembersTable;
  sessions: SessionsTable;
  sign_in_addresses: SignInAddressesTable;
}

interface UsersTable {
  /** `u` and 12 hex digits. */
  id: string;
  /** Lower case. */
  email: string;
  real_name: string;
  /** null: no sign-in by password. */
  password_hash: string | null;
  /** The identity of OpenID Connect, both or neither; unique together. */
  openid_issuer: string | null;
  openid_subject: string | null;
  state: 'active' | 'disabled';
  created_at: number;
  /** Tokens that were made before are worth nothing. */
  token_validity_begin: number;
  last_activity_at: number | null;
  /** On the gateway itself: authorities, applications, people; null: nothing. */
  gateway_role: 'administrator' | 'issuer' | 'auditor' | null;
}

/** What a sign-in by OpenID Connect may use once and has used. */
interface OpenIdUsedTable {
  /** SHA-256 of the secret that was used. */
  id: string;
  kept_until: number;
}

interface UserTokensTable {
  token_sha256: string;
  /** First characters of the token: names it in lists and paths. */
  prefix: string;
  user_id: string;
  description: string;
  created_manually: number;
  extend_when_used: number;
  max_age_seconds: number | null;
  expires_at: number | null;
  created_at: number;
  last_used_at: number | null;
  last_ip: string | null;
  last_user_agent: string | null;
}

interface OrganizationsTable {
  /** `org` and 11 hex digits. */
  id: string;
  name: string;
  created_at: number;
  updated_at: number;
}

interface OrganizationMembersTable {
  organization_id: string;
  user_id: string;
  is_admin: number;
  joined_at: number;
}

interface UserGroupsTable {
  /** `ug` and 11 hex digits. */
  id: string;
  organization_id: string;
  name: string;
  description: string;
  created_at: number;
  updated_at: number;
}

interface GroupMembersTable {
  group_id: string;
  user_id: string;
  joined_at: number;
}

interface SessionsTable {
  /** Of the cookie's value. */
  session_sha256: string;
  user_id: string;
  created_at: number;
  last_seen_at: number;
  /** Whatever it is used for. */
  expires_at: number;
  ip: string;
  user_agent: string | null;
}

/** One row a user and address. */
interface SignInAddressesTable {
  user_id: string;
  address: string;
  last_at: number;
}
