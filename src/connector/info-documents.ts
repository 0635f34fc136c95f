import type { SubjectFields } from '../pki/names.js';
import { formatName, readName } from '../pki/names.js';
import type { Der } from '../pki/der.js';
import type { RenewalWindow } from './renewal-window.js';
import { rfc3339 } from './rfc3339.js';

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

/** What an application needs for its first certificate. */
export interface SigningInfo {
  readonly csrUrl: string;
  readonly api: EventUrls & { readonly infoUrl: string; readonly certificatesUrl: string };
  readonly certificate: CertificateForm;
}

/** What the holder of a certificate may know about itself. Times in RFC 3339. */
export interface ManagementInfo {
  readonly clientIdentity: { readonly application: string };
  readonly urls: EventUrls & {
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
  readonly application: string;
  readonly token: string;
  readonly subject: Omit<SubjectFields, 'CN'>;
}): SigningInfo {
  const { urls, application, token, subject } = input;
  const certificatesUrl = `${urls.gatewayUrl}/v1/applications/certificates`;
  return {
    csrUrl: `${certificatesUrl}?token=${token}`,
    api: {
      ...eventUrls(urls, application),
      infoUrl: `${urls.gatewayUrl}/v1/applications/management/info`,
      certificatesUrl,
    },
    certificate: certificateForm(formatSubject({ ...subject, CN: application })),
  };
}

/** The answer to `GET management/info`. Times in seconds UTC. */
export function managementInfo(input: {
  readonly urls: DocumentUrls;
  readonly holder: string;
  readonly subject: Der;
  readonly notAfter: number;
  readonly renewal: Pick<RenewalWindow, 'start' | 'end'>;
}): ManagementInfo {
  const { urls, holder, subject, notAfter, renewal } = input;
  const certificates = `${urls.gatewayUrl}/v1/applications/certificates`;
  return {
    clientIdentity: { application: holder },
    urls: {
      ...eventUrls(urls, holder),
      renewCertUrl: `${certificates}/renewals`,
      revokeCertUrl: `${certificates}/revocations`,
      // The name until 2019, which some clients still read.
      revocationCertUrl: `${certificates}/revocations`,
    },
    certificate: { ...certificateForm(formatName(readName(subject))), notAfter: rfc3339(notAfter) },
    renewal: { start: rfc3339(renewal.start), end: rfc3339(renewal.end) },
  };
}

function eventUrls({ eventsBaseUrl }: DocumentUrls, application: string): EventUrls {
  const base = `${eventsBaseUrl}/${encodeURIComponent(application)}/v1`;
  return {
    eventsInfoUrl: `${base}/events/subscribed`,
    eventsUrl: `${base}/events`,
    metadataUrl: `${base}/metadata/services`,
  };
}

function certificateForm(subject: string): CertificateForm {
  return { subject, extensions: '', 'key-algorithm': 'rsa2048' };
}

function formatSubject({ O, OU, L, ST, C, CN }: SubjectFields): string {
  return `O=${O},OU=${OU},L=${L},ST=${ST},C=${C},CN=${CN}`;
}
