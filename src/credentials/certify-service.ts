import type { IssueCertificate } from '../authority/issue-certificate.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import { toPem } from '../authority/chains.js';
import { Failure } from '../failure.js';
import { readRequest } from '../pki/certification-request.js';
import type { Der } from '../pki/der.js';
import { attributeValue, buildSubject } from '../pki/names.js';
import { encodePem } from '../pki/pem.js';
import { readRequestedNames } from '../pki/requested-names.js';
import type { ChangeOrigin } from '../people/record-change.js';
import { refuseOwnedName } from './governed-user.js';
import type { FindAccessOf } from './governed-user.js';
import { hostsOf } from './node-hosts.js';
import { judgeNodeNames } from './node-names-policy.js';
import type { NodeNames } from './node-names-policy.js';
import type { FindRenewalSettings } from './renewal-settings.js';
import type { ServiceStore } from './service-store.js';
import type { ServiceUserStore } from './service-user-store.js';
import { serviceUnknown } from './service.js';
import type { Service } from './service.js';

/** A certificate for a server of a service. PEM; times in seconds UTC. */
export interface CertifiedNode {
  readonly certificatePem: string;
  /** What clients and other nodes trust. */
  readonly caPem: string;
  readonly notAfter: number;
  readonly sha256: string;
  readonly names: NodeNames;
}

export type CertifyService = (
  order: ChangeOrigin & { readonly service: Service; readonly csr: Uint8Array },
) => Promise<CertifiedNode>;

/**
 * Certifies the key of a server of a service, for its clients and for the other nodes. The request chooses among the
 * hosts of the service; the names themselves come from the record. Asked again it issues again: that is its renewal.
 * Throws the Failures of readRequest and judgeNodeNames, `state-conflict`, `key-in-use`.
 */
export function makeCertifyService(edges: {
  readonly issue: IssueCertificate;
  readonly authorities: Pick<ProjectAuthorities, 'presentedAuthority' | 'certificates'>;
  readonly services: Pick<ServiceStore, 'lock'>;
  readonly users: Pick<ServiceUserStore, 'find'>;
  readonly findAccessOf: FindAccessOf;
  readonly findRenewalSettings: FindRenewalSettings;
}): CertifyService {
  const { issue, authorities, services, users, findAccessOf, findRenewalSettings } = edges;
  return async ({ service, csr, ...origin }) => {
    const { project, name, trustUpdate } = service;
    const request = readRequest(csr);
    const commonName = attributeValue(request.subject, 'CN');
    const asked = { requested: readRequestedNames(request), commonName };
    const names = judgeNodeNames({ ...asked, hosts: hostsOf(service) });
    const username = commonNameOf(names, service);
    const { spki, spkiSha256 } = request.publicKey;
    const issued = await issue({
      kind: 'service',
      holder: holderOfService(service),
      subject: subjectIn(service, username),
      publicKey: { spki, spkiSha256 },
      validitySeconds: (await findRenewalSettings(service)).validitySeconds,
      hosts: names,
      authority: await authorities.presentedAuthority(project, trustUpdate),
      event: {
        action: 'service.certified',
        ...origin,
        project,
        service: name,
        detail: { names: [...names.dnsNames, ...names.ipAddresses] },
      },
      alongside: async (trx) => {
        // Alone with the service: neither its hosts change meanwhile nor does a user get this name.
        const current = await services.lock(service, trx);
        if (!current) throw serviceUnknown();
        judgeNodeNames({ ...asked, hosts: hostsOf(current) });
        if (current.trustUpdate !== trustUpdate)
          throw new Failure('state-conflict', 'The service has changed meanwhile: request again.');
        const user = { project, service: name, username };
        if (await users.find(user, trx)) throw nameTaken(username);
        await refuseOwnedName(user, findAccessOf, trx);
      },
    });
    return {
      certificatePem: encodePem('CERTIFICATE', issued.der),
      caPem: toPem(await authorities.certificates(project)),
      notAfter: issued.notAfter,
      sha256: issued.sha256,
      names,
    };
  };
}

/** The holder of its servers' certificates on record: projects and services have no `/` in their names. */
export function holderOfService({ project, name }: Pick<Service, 'project' | 'name'>): string {
  return `${project}/${name}`;
}

/** The subject of certificates in a service: of its users, and of its servers by their first host. */
export function subjectIn({ project, name }: Pick<Service, 'project' | 'name'>, CN: string): Der {
  return buildSubject({ CN, O: project, OU: name, L: '', ST: '', C: '' });
}

const longestCommonName = 64;

/** The first name that fits (RFC 5280 A.1), rather none with a wildcard. */
function commonNameOf({ dnsNames, ipAddresses }: NodeNames, service: Service): string {
  const fitting = [...dnsNames, ...ipAddresses].filter((name) => name.length <= longestCommonName);
  return fitting.find((name) => !name.startsWith('*')) ?? fitting[0] ?? service.name;
}

/** Brokers and databases take the subject for the principal: a server must not pass for a user, nor a user for it. */
function nameTaken(username: string): Failure {
  return new Failure(
    'state-conflict',
    `The service has a user ${username}: a certificate with that host first would have the same subject. Name another host first, or delete that user.`,
  );
}
