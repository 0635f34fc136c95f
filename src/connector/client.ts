import type { ClientKind } from '../authority/certificate-kinds.js';
import type { SubjectFields } from '../pki/names.js';

/** `central`: one gateway for many tenants, each with groups of applications and the runtimes that serve them. */
export type Mode = 'standalone' | 'central';

/** For whom a certificate is. */
export interface Client {
  readonly kind: ClientKind;
  /** Empty for a runtime. */
  readonly application: string;
  /** Both, or neither where the client was paired in standalone mode. */
  readonly tenant: string | null;
  readonly group: string | null;
}

/** A client as the record knows it. */
export interface Holder {
  readonly kind: ClientKind;
  readonly holder: string;
}

/** The common name of every runtime. */
export const runtimeName = '*Runtime*';

/** `NAME`, `TENANT/GROUP/NAME`, of a runtime `TENANT/GROUP`: no name holds a slash, so it can be read back. */
export function holderName({ kind, application, tenant, group }: Client): string {
  if (tenant === null || group === null) return application;
  return kind === 'runtime' ? `${tenant}/${group}` : `${tenant}/${group}/${application}`;
}

/** The reverse of holderName. */
export function clientOf({ kind, holder }: Holder): Client {
  const parts = holder.split('/');
  const application = kind === 'runtime' ? '' : (parts.pop() ?? '');
  const [tenant = null, group = null] = parts;
  return { kind, application, tenant, group };
}

/** The client as the audit log names it. */
export function actorName(client: Client): string {
  return `${client.kind}:${holderName(client)}`;
}

/** The subject that a client gets at enrolment; what the client does not say comes from the settings. */
export function subjectFieldsOf(
  { kind, application, tenant, group }: Client,
  settings: Omit<SubjectFields, 'CN'>,
): SubjectFields {
  const CN = kind === 'runtime' ? runtimeName : application;
  return { ...settings, O: tenant ?? settings.O, OU: group ?? settings.OU, CN };
}

/** The reverse of subjectFieldsOf, for a certificate that was not issued here. */
export function clientOfSubject(
  { CN, O, OU }: Pick<SubjectFields, 'CN' | 'O' | 'OU'>,
  mode: Mode,
): Client {
  if (mode === 'standalone')
    return { kind: 'application', application: CN, tenant: null, group: null };
  const kind = CN === runtimeName ? 'runtime' : 'application';
  return { kind, application: kind === 'runtime' ? '' : CN, tenant: O, group: OU };
}
