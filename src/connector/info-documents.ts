import { rfc3339 } from '../http/rfc3339.js';
import { formatName, readName } from '../pki/names.js';
import type { Der } from '../pki/der.js';
import { clientOf } from './client.js';
import type { Client, Holder } from './client.js';
import { pathsOf } from './paths.js';
import type { RenewalWindow } from './renewal-window.js';

/** Bases of the URLs that the info documents hand out. */
export interface DocumentUrls {
  readonly gatewayUrl: string;
  readonly eventsBaseUrl: string;
}

interface EventUrls {
  readonly eventsInfoUrl: string;
  readonly eventsUrl: string;
  readonly metadataUrl: string;
}

interface CertificateForm {
  readonly subject: string;
  readonly extensions: string;
  readonly 'key-algorithm': string;
}

/** What a client needs for its first certificate. A runtime has no event URLs. */
export interface SigningInfo {
  readonly csrUrl: string;
  readonly api: Partial<EventUrls> & {
    readonly infoUrl: string;
    readonly certificatesUrl: string;
  };
  readonly certificate: CertificateForm;
}

/** What the holder of a certificate may know about itself. Times in RFC 3339. */
export interface ManagementInfo {
  readonly clientIdentity: {
    readonly application?: string;
    readonly group?: string;
    readonly tenant?: string;
  };
  readonly urls: Partial<EventUrls> & {
    readonly renewCertUrl: string;
    readonly revokeCertUrl: string;
    readonly revocationCertUrl: string;
  };
  readonly certificate: CertificateForm & { readonly notAfter: string };
  readonly renewal: { readonly start: string; readonly end: string };
}

/** The answer to `GET signingRequests/info`, keys in the contract's order. */
export function signingInfo(input: {
  readonly urls: DocumentUrls;
  readonly client: Client;
  readonly token: string;
  readonly subject: Der;
}): SigningInfo {
  const { urls, client, token, subject } = input;
  const paths = pathsOf(client.kind);
  const certificatesUrl = `${urls.gatewayUrl}${paths.certificates}`;
  return {
    csrUrl: `${certificatesUrl}?token=${token}`,
    api: {
      ...eventUrls(urls, client),
      infoUrl: `${urls.gatewayUrl}${paths.managementInfo}`,
      certificatesUrl,
    },
    certificate: certificateForm(subject),
  };
}

/** The answer to `GET management/info`. Times in seconds UTC. */
export function managementInfo(
  input: Holder & {
    readonly urls: DocumentUrls;
    readonly subject: Der;
    readonly notAfter: number;
    readonly renewal: Pick<RenewalWindow, 'start' | 'end'>;
  },
): ManagementInfo {
  const { urls, subject, notAfter, renewal } = input;
  const client = clientOf(input);
  const paths = pathsOf(client.kind);
  return {
    clientIdentity: clientIdentity(client),
    urls: {
      ...eventUrls(urls, client),
      renewCertUrl: `${urls.gatewayUrl}${paths.renewals}`,
      revokeCertUrl: `${urls.gatewayUrl}${paths.revocations}`,
      // The name until 2019, which some clients still read.
      revocationCertUrl: `${urls.gatewayUrl}${paths.revocations}`,
    },
    certificate: { ...certificateForm(subject), notAfter: rfc3339(notAfter) },
    renewal: { start: rfc3339(renewal.start), end: rfc3339(renewal.end) },
  };
}

function clientIdentity({
  kind,
  application,
  tenant,
  group,
}: Client): ManagementInfo['clientIdentity'] {
  return {
    ...(kind === 'runtime' ? {} : { application }),
    ...(group === null ? {} : { group }),
    ...(tenant === null ? {} : { tenant }),
  };
}

function eventUrls(
  { eventsBaseUrl }: DocumentUrls,
  { kind, application }: Client,
): Partial<EventUrls> {
  if (kind === 'runtime') return {};
  const base = `${eventsBaseUrl}/${encodeURIComponent(application)}/v1`;
  return {
    eventsInfoUrl: `${base}/events/subscribed`,
    eventsUrl: `${base}/events`,
    metadataUrl: `${base}/metadata/services`,
  };
}

function certificateForm(subject: Der): CertificateForm {
  return { subject: formatName(readName(subject)), extensions: '', 'key-algorithm': 'rsa2048' };
}
