import { newKafka, servicePath } from '../support/services.js';

/** A request of `avn` 4.16.0 as it was recorded, but for the names. */
export interface Recorded {
  readonly command: string;
  /** `$NAME` stands for what an earlier answer gave. */
  readonly line: `${'GET' | 'POST' | 'PUT' | 'DELETE'} ${string}`;
  readonly body?: object;
  /** What it reads of the answer. */
  readonly needs: readonly string[];
  /** What later requests name, by where the answer has it. */
  readonly gives?: Readonly<Record<string, string>>;
}

const user = `${servicePath}/user`;
const project = columns('project', ['project_name', 'default_cloud', ...billing()]);
const person = [
  ...columns('user_info', ['user_email', 'real_name', 'state']),
  'last_activity_time',
];

const credentials: readonly Recorded[] = [
  {
    command: 'user-creds-download',
    line: 'GET /v1/project/p1/kms/ca',
    needs: ['certificate'],
  },
  {
    command: 'user-creds-download, user-kafka-java-creds',
    line: `GET ${servicePath}`,
    needs: [
      ...columns('service.users.0', ['username', 'access_cert', 'access_key']),
      'service.service_uri',
    ],
  },
  {
    command: 'user-creds-acknowledge',
    line: `PUT ${user}/avnadmin`,
    body: { operation: 'acknowledge-renewal' },
    needs: ['service'],
  },
  {
    command: 'user-list',
    line: `GET ${servicePath}`,
    needs: ['service.service_type', ...columns('service.users.0', ['username', 'type'])],
  },
  { command: 'user-get', line: `GET ${user}/avnadmin`, needs: ['user.username', 'user.type'] },
  { command: 'user-create', line: `POST ${user}`, body: { username: 'app' }, needs: ['user'] },
  {
    command: 'user-create with the flags of Valkey',
    line: `POST ${user}`,
    body: { username: 'acl', access_control: { valkey_acl_keys: ['*'] } },
    needs: ['user'],
  },
  {
    command: 'user-password-reset',
    line: `PUT ${user}/app`,
    body: { operation: 'reset-credentials' },
    needs: ['service'],
  },
  {
    command: 'user-password-reset --new-password',
    line: `PUT ${user}/app`,
    body: { operation: 'reset-credentials', new_password: 'correct horse' },
    needs: ['service'],
  },
  {
    command: 'user-set-access-control',
    line: `PUT ${user}/acl`,
    body: { operation: 'set-access-control', access_control: { valkey_acl_keys: ['a*'] } },
    needs: ['service'],
  },
  { command: 'user-delete', line: `DELETE ${user}/app`, needs: [] },
  { command: 'credentials-reset', line: `PUT ${servicePath}/credentials/reset`, needs: seven() },
];

const services: readonly Recorded[] = [
  {
    command: 'connection-info kcat',
    line: `GET ${servicePath}`,
    needs: [
      ...columns('service.components.0', ['host', 'port', 'kafka_authentication_method']),
      'service.service_type',
      'service.users.0.access_key',
    ],
  },
  {
    command: 'service get -v',
    line: `GET ${servicePath}`,
    needs: [...seven(), 'service.connection_info', 'service.user_config'],
  },
  { command: 'service list', line: 'GET /v1/project/p1/service', needs: seven('services.0') },
  { command: 'service create --cloud', line: 'GET /v1/project/p1/vpcs', needs: ['vpcs'] },
  {
    command: 'service create',
    line: 'GET /v1/project/p1/service-types/kafka',
    needs: ['user_config_schema'],
  },
  {
    command: 'service create where that is 404',
    line: 'GET /v1/project/p1/service_types',
    needs: ['service_types.kafka.user_config_schema'],
  },
  {
    command: 'service create',
    line: 'POST /v1/project/p1/service',
    body: { ...newKafka, service_name: 'kafka-2', user_config: {} },
    needs: ['service'],
  },
  {
    command: 'service update --power-on',
    line: `PUT ${servicePath}`,
    body: { plan: 'self-hosted', powered: true, user_config: {} },
    needs: seven(),
  },
];

const projects: readonly Recorded[] = [
  { command: 'project ca-get', line: 'GET /v1/project/p1/kms/ca', needs: ['certificate'] },
  {
    command: 'project list -v',
    line: 'GET /v1/project',
    needs: columns('projects.0', ['project_name', 'default_cloud', ...billing()]),
  },
  { command: 'project details', line: 'GET /v1/project/p1', needs: project },
  {
    command: 'project create --parent-id',
    line: 'GET /v1/organization/$organization',
    needs: ['account_id'],
    gives: { account: 'account_id' },
  },
  {
    command: 'project create --parent-id',
    line: 'POST /v1/project',
    body: {
      cloud: null,
      project: 'p2',
      account_id: '$account',
      use_source_project_billing_group: false,
      tech_emails: [{ email: 'tech@example.com' }],
    },
    needs: project,
  },
  {
    command: 'project update --tech-email',
    line: 'PUT /v1/project/p1',
    body: { tech_emails: [{ email: 'tech@example.com' }] },
    needs: project,
  },
  {
    command: 'project user-invite --role',
    line: 'POST /v1/project/p1/invite',
    body: { user_email: 'new@example.com', member_type: 'operator' },
    needs: [],
  },
  {
    command: 'project user-invite of a user',
    line: 'POST /v1/project/p1/invite',
    body: { user_email: 'member@example.com' },
    needs: [],
  },
  {
    command: 'project user-list, invite-list',
    line: 'GET /v1/project/p1/users',
    needs: [
      ...columns('users.0', ['user_email', 'member_type', 'create_time']),
      ...columns('invitations.0', ['invited_user_email', 'inviting_user_email']),
      ...columns('invitations.0', ['member_type', 'invite_time']),
    ],
  },
  {
    command: 'project user-remove',
    line: 'DELETE /v1/project/p1/user/member%40example.com',
    needs: [],
  },
  {
    command: 'events -n 5',
    line: 'GET /v1/project/p1/events?limit=5',
    needs: columns('events.0', ['time', 'actor', 'event_type', 'service_name', 'event_desc']),
  },
];

const organizations: readonly Recorded[] = [
  {
    command: 'organization list',
    line: 'GET /v1/organizations',
    needs: [
      ...columns('organizations.0', ['organization_name', 'organization_id', 'account_id']),
      ...columns('organizations.0', ['create_time', 'update_time', 'tier']),
    ],
  },
  {
    command: 'organization user list',
    line: 'GET /v1/organization/$organization/user',
    needs: columns('users.0', person),
  },
  {
    command: 'organization group list',
    line: 'GET /v1/organization/$organization/user-groups',
    needs: [
      ...columns('user_groups.0', ['user_group_name', 'user_group_id']),
      ...columns('user_groups.0', ['member_count', 'description']),
    ],
  },
  {
    command: 'organization group show',
    line: 'GET /v1/organization/$organization/user-groups/$group/members',
    needs: columns('members.0', person),
  },
];

const token = ['expiry_time', 'description', 'max_age_seconds', 'extend_when_used'];
const lastUse = ['last_used_time', 'last_ip', 'last_user_agent'];

const people: readonly Recorded[] = [
  {
    command: 'user info',
    line: 'GET /v1/me',
    needs: [
      ...columns('user', ['user', 'real_name', 'state', 'token_validity_begin']),
      ...columns('user', ['projects', 'auth']),
    ],
  },
  {
    command: 'user access-token create',
    line: 'POST /v1/access_token',
    body: { description: 'of a test', extend_when_used: false, max_age_seconds: null },
    needs: [...token, 'full_token'],
    gives: { other: 'full_token' },
  },
  {
    command: 'user access-token list',
    line: 'GET /v1/access_token',
    needs: columns('tokens.0', [...token, ...lastUse, 'token_prefix']),
  },
  {
    command: 'user access-token update',
    line: 'PUT /v1/access_token/$other',
    body: { description: 'renamed' },
    needs: [...token, ...lastUse, 'token_prefix'],
  },
  { command: 'user access-token revoke', line: 'DELETE /v1/access_token/$other', needs: [] },
  {
    command: 'user login',
    line: 'POST /v1/userauth',
    body: { email: 'admin@localhost', password: '$password' },
    needs: ['token'],
  },
  { command: 'user login, --token too', line: 'GET /v1/project', needs: ['projects'] },
  { command: 'user logout', line: 'DELETE /v1/access_token/$own', needs: [] },
];

/** Every row of the recording in an order in which each finds what it needs; at the end the token is withdrawn. */
export const recordedRequests: readonly Recorded[] = [
  ...credentials,
  ...services,
  ...projects,
  ...organizations,
  ...people,
];

/** The other way to end all tokens; without a body. */
export const tokensExpire: Recorded = {
  command: 'user tokens-expire',
  line: 'POST /v1/me/expire_tokens',
  needs: ['message'],
};

function columns(at: string, names: readonly string[]): string[] {
  return names.map((name) => `${at}.${name}`);
}

function seven(at = 'service'): string[] {
  const names = ['service_name', 'service_type', 'state', 'cloud_name', 'plan'];
  return columns(at, [...names, 'create_time', 'update_time']);
}

function billing(): string[] {
  return ['billing_currency', 'vat_id', 'billing_extra_text'];
}
