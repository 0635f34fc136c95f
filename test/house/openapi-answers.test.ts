import { describe, expect, it } from '@jest/globals';
import { firstPassword } from '../people/person.js';
import { operationsOf, readApiDocument, wrongIn } from '../support/api-document.js';
import type { ApiDocument } from '../support/api-document.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { openGovernance, ordersAccess } from '../support/governance.js';
import { addUser, callAsUser } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { newKafka, openService, renewUser } from '../support/services.js';

type Body = Readonly<Record<string, unknown>>;
type Parameters = Readonly<Record<string, string>>;

/** One call by the name of its operation, and what later ones need of its answer. */
interface Step {
  readonly id: string;
  readonly with?: Parameters;
  /** Of the house of rotations; Ann where nobody is named. */
  readonly as?: 'ben';
  readonly query?: string;
  readonly body?: Body;
  readonly take?: (answer: Body) => Parameters;
}

/** What stands in the path of most operations. */
const places = {
  project: 'p1',
  service: 'kafka-1',
  username: 'app',
  type: 'kafka',
  email: 'nobody@example.com',
  group: 'ug0',
  access: 'acc0',
  webhook: 'wh0',
  token: 'none',
  rotation: 'rot0',
};

/** Every operation at least once, in an order in which each finds what it needs. */
const steps: readonly Step[] = [
  { id: 'UserInfo' },
  {
    id: 'AccessTokenCreate',
    body: { description: 'of a test' },
    take: take('token', 'full_token'),
  },
  { id: 'AccessTokenList' },
  { id: 'AccessTokenUpdate', body: { description: 'renamed' } },
  { id: 'AccessTokenRevoke' },
  { id: 'UserOrganizationsList' },
  { id: 'OrganizationGet' },
  { id: 'OrganizationUserList' },
  {
    id: 'UserGroupCreate',
    body: { user_group_name: 'g', description: '' },
    take: take('group', 'user_group_id'),
  },
  { id: 'UserGroupsList' },
  { id: 'UserGroupGet' },
  { id: 'UserGroupUpdate', body: { description: 'renamed' } },
  { id: 'UserGroupMembersUpdate', body: { operation: 'add_members', member_ids: ['$user'] } },
  { id: 'UserGroupMemberList' },
  { id: 'UserGroupDelete' },
  {
    id: 'ProjectCreate',
    body: { project: 'p2', tech_emails: [{ email: 'tech@example.com' }], renew_before: '30d' },
  },
  { id: 'ProjectList' },
  { id: 'ProjectGet', with: { project: 'p2' } },
  { id: 'ProjectUpdate', with: { project: 'p2' }, body: { cloud: 'here', renew_before: null } },
  { id: 'ProjectDelete', with: { project: 'p2' } },
  { id: 'ProjectGetEventLogs', query: '?limit=5' },
  { id: 'ProjectKmsGetCA' },
  { id: 'ProjectAlertsList' },
  { id: 'ServiceAlertsList' },
  { id: 'VpcList' },
  { id: 'ProjectInvite', body: { user_email: 'new@example.com', member_type: 'admin' } },
  { id: 'ProjectInvite', body: { user_email: 'member@example.com' } },
  { id: 'ProjectUserList' },
  { id: 'ProjectInviteDelete', with: { email: 'new@example.com' } },
  {
    id: 'ProjectUserUpdate',
    with: { email: 'member@example.com' },
    body: { member_type: 'operator' },
  },
  { id: 'ProjectUserRemove', with: { email: 'member@example.com' } },
  { id: 'ListProjectServiceTypes' },
  { id: 'ProjectServiceTypeGet', with: { type: 'pg' } },
  { id: 'ServiceCreate', body: { ...newKafka, service_name: 'kafka-2' } },
  {
    id: 'ServiceCreate',
    body: { service_name: 'pg-1', service_type: 'pg', certificate_validity: '100d' },
  },
  { id: 'ServiceUpdate', with: { service: 'pg-1' }, body: { powered: false, renew_before: '9d' } },
  { id: 'ServiceDelete', with: { service: 'pg-1' } },
  { id: 'UserGroupCreate', body: { user_group_name: 'h' }, take: take('group', 'user_group_id') },
  {
    id: 'OrganizationGovernanceAccessCreate',
    body: { ...ordersAccess('$group') },
    take: ({ access }) => ({ access: String((access as Body)['access_id']) }),
  },
  { id: 'OrganizationGovernanceAccessList', query: '?limit=1' },
  { id: 'OrganizationGovernanceAccessGet' },
  { id: 'OrganizationGovernanceAccessKafkaAclsGet' },
  { id: 'OrganizationGovernanceAccessDelete' },
  { id: 'ServiceUserCreate', body: { username: 'app', access_control: { topics: ['a'] } } },
  { id: 'ServiceUserGet' },
  { id: 'ServiceUserGet', with: { username: 'avnadmin' }, query: '?include_secrets=false' },
  { id: 'ServiceList', query: '?include_secrets=true' },
  { id: 'ServiceGet' },
  { id: 'ServiceUserCredentialsDownload', query: '?format=java' },
  { id: 'ServiceUserCredentialsModify', body: { operation: 'acknowledge-renewal' } },
  {
    id: 'ServiceUserCredentialsModify',
    body: { operation: 'set-access-control', access_control: {} },
  },
  { id: 'ServiceUserCredentialsReset' },
  { id: 'ServiceUserCertificateRequestSet', body: { csr: requestFor('app') } },
  { id: 'ServiceUserCertificateRequestGet' },
  { id: 'ServiceUserCertificateRequestDelete' },
  { id: 'ServiceUserRenew' },
  { id: 'ServiceUserRevokeOld', body: { reason: 'superseded' } },
  { id: 'ServiceRenew', body: { again: true } },
  { id: 'ProjectRenew' },
  { id: 'ServiceUserRecipientsSet', body: { recipients: [{ email: 'x@example.com' }] } },
  { id: 'ServiceUserSelfServiceGet' },
  { id: 'ServiceUserSelfServiceSet', body: { enabled: true } },
  { id: 'ServiceAcknowledge' },
  { id: 'ProjectExpiryList', query: '?within=1000d&limit=1' },
  { id: 'OrganizationExpiryList' },
  { id: 'ServiceCertificateCreate', body: { csr: requestFor('kafka.example.com') } },
  { id: 'ServiceCertificateList' },
  { id: 'ProjectCaRotationGet' },
  { id: 'ProjectCaRotationStep', body: { step: 'prepare' } },
  { id: 'ServiceTrustUpdate', body: { phase: 1 } },
  { id: 'ServiceUserCredentialsResetByPost' },
  { id: 'ServiceUserDelete' },
  { id: 'ServiceCredentialsReset' },
  {
    id: 'ProjectWebhookCreate',
    body: { url: 'https://hooks.example.com/x' },
    take: ({ webhook }) => ({ webhook: String((webhook as Body)['webhook_id']) }),
  },
  { id: 'ProjectWebhookList' },
  { id: 'ProjectWebhookDelete' },
  { id: 'UserAuth', body: { email: 'admin@localhost', password: '$password' } },
  { id: 'UserExpireTokens' },
];

/** The same of rotations, in a house of their own: they take two people. */
const rotationSteps: readonly Step[] = [
  { id: 'RotationRequest', body: { message: 'lost' }, take: takeRotation },
  { id: 'RotationList', query: '?state=pending,approved&limit=1' },
  { id: 'ApprovalList', as: 'ben' },
  { id: 'RotationGet', take: takeRotation },
  { id: 'RotationDelete' },
  { id: 'RotationRequest', body: { message: 'lost' }, take: takeRotation },
  { id: 'RotationDecline', as: 'ben', body: { reason: 'found' } },
  {
    id: 'RotationRequest',
    body: { message: 'lost', revoke_old: 'after_grace' },
    take: takeRotation,
  },
  { id: 'RotationGet', as: 'ben', take: takeRotation },
  { id: 'RotationApprove', as: 'ben', body: { digest: '$digest', message: 'yes' } },
  { id: 'RotationReveal' },
  { id: 'RotationGet' },
  { id: 'AccessRotationList' },
];

function takeRotation({ rotation }: Body): Parameters {
  const { rotation_id, digest } = rotation as Body;
  return { rotation: String(rotation_id), digest: String(digest) };
}

/** A certification request as a body has it. */
function requestFor(commonName: string): string {
  const { pem } = makeRequest({ key: makeKey('prime256v1'), subject: `/CN=${commonName}` });
  return Buffer.from(pem).toString('base64');
}

function take(parameter: string, field: string) {
  return (answer: Body): Parameters => ({ [parameter]: String(answer[field]) });
}

/** The operation of that name, and how to call it. */
function operationOf(document: ApiDocument, id: string) {
  const found = operationsOf(document).find(({ operation }) => operation.operationId === id);
  if (!found) throw new Error(`${id} is not described`);
  return { ...found, method: found.method as 'get' | 'post' | 'put' | 'patch' | 'delete' };
}

function filled(path: string, parameters: Parameters): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`nothing to put in the place of ${name}`);
    return encodeURIComponent(value);
  });
}

/** A call as the document describes it, and what is not as it describes it. */
async function judge(
  { gateway, document }: { readonly gateway: TestGateway; readonly document: ApiDocument },
  user: TestUser | undefined,
  { id, query = '', body, parameters }: Step & { readonly parameters: Parameters },
) {
  const { method, path, operation } = operationOf(document, id);
  const call = callAsUser(gateway, user, method, `${filled(path, parameters)}${query}`);
  const answer = await (body === undefined ? call : call.send(body));
  const described = operation.responses[String(answer.status)];
  const wrong = described
    ? wrongIn(document, described.content, answer.type === 'text/plain' ? answer.text : answer.body)
    : ['the status is not described'];
  return { answer, outcome: { id, status: answer.status, wrong } };
}

describe('the answers of the admin listener', () => {
  it('are what /openapi.json says, operation by operation', async () => {
    const house = await openService(await startTestGateway());
    const { gateway, organization, root } = house;
    const document = await readApiDocument(gateway);
    await addUser(gateway, 'member@example.com');
    await renewUser(gateway, 'avnadmin');
    let parameters: Parameters = { ...places, organization };
    const done = new Set<string>();
    for (const step of steps) {
      const body = JSON.stringify(step.body ?? null)
        .replace('$user', root.id)
        .replace('$group', String(parameters['group']))
        .replace('$password', firstPassword(gateway));
      const { answer, outcome } = await judge({ gateway, document }, root, {
        ...step,
        ...(step.body === undefined ? {} : { body: JSON.parse(body) as Body }),
        parameters: { ...parameters, ...step.with },
      });
      const { operation } = operationOf(document, step.id);
      const status = '202' in operation.responses ? 202 : 200;
      expect(outcome).toEqual({ id: step.id, status, wrong: [] });
      parameters = { ...parameters, ...step.take?.(answer.body as Body) };
      done.add(step.id);
    }
    for (const { id } of rotationSteps) done.add(id);
    const ids = operationsOf(document).map(({ operation }) => operation.operationId);
    expect(ids.filter((id) => !done.has(id))).toEqual([]);
  });

  it('are so of rotations, too', async () => {
    const { gateway, organization, access, ann, ben } = await openGovernance(
      await startTestGateway(),
    );
    const document = await readApiDocument(gateway);
    let parameters: Parameters = { organization, access };
    for (const step of rotationSteps) {
      const body = JSON.stringify(step.body ?? null).replace('$digest', parameters['digest'] ?? '');
      const { answer, outcome } = await judge({ gateway, document }, step.as ? ben : ann, {
        ...step,
        ...(step.body === undefined ? {} : { body: JSON.parse(body) as Body }),
        parameters,
      });
      expect(outcome).toEqual({ id: step.id, status: 200, wrong: [] });
      parameters = { ...parameters, ...step.take?.(answer.body as Body) };
    }
  });

  it('are refusals as described without a token, and without the permission that is named', async () => {
    const { gateway, organization, addMember } = await openService(await startTestGateway());
    const document = await readApiDocument(gateway);
    const reader = await addMember('read_only');
    const parameters = { ...places, organization };
    for (const { operation } of operationsOf(document)) {
      const step = { id: operation.operationId, parameters };
      const isOpen = operation.security.length === 0;
      const stranger = await judge({ gateway, document }, undefined, step);
      expect(stranger.outcome).toEqual({ id: step.id, status: isOpen ? 400 : 401, wrong: [] });
      const permission = /^Permission: ([a-z:]+)\.$/.exec(operation.description ?? '')?.[1];
      if (permission === undefined || permission === 'project:read') continue;
      const { answer, outcome } = await judge({ gateway, document }, reader, step);
      expect(outcome).toEqual({ id: step.id, status: 403, wrong: [] });
      expect(answer.body).toMatchObject({
        message: `Your role in this project does not include ${permission}.`,
      });
    }
  });

  it('would be found out if they were otherwise', async () => {
    const document = await readApiDocument(await startTestGateway());
    const { content } = operationOf(document, 'ProjectKmsGetCA').operation.responses['200'] ?? {};
    if (!content) throw new Error('no answer is described');
    expect(wrongIn(document, content, { certificate: 'PEM' })).toEqual([]);
    expect(wrongIn(document, content, { certificate: 'PEM', key: 'PEM' })).toHaveLength(1);
    expect(wrongIn(document, content, { certificate: null })).toHaveLength(1);
    expect(wrongIn(document, content, {})).toHaveLength(1);
  });
});
