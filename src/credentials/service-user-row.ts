import type { Insertable, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { JsonObject } from './service.js';
import type { CurrentPair, NextKey, PendingRenewal, ServiceUser } from './service-user.js';

/** A service user as its row has it. */
export function toRow(user: ServiceUser): Insertable<Schema['service_users']> {
  return {
    id: user.id,
    project: user.project,
    service: user.service,
    username: user.username,
    type: user.type,
    sealed_password: user.sealedPassword,
    password_updated_at: user.passwordUpdatedAt,
    access_control: JSON.stringify(user.accessControl),
    authentication: user.authentication,
    ...pairColumns(user.pair),
    ...pendingColumns(user.pending),
    reset_key: user.resetKey,
    is_self_service: user.isSelfService ? 1 : 0,
    fetched_pending_id: user.fetchedPendingId,
    renewal_key: user.renewalKey,
    renewal_asked_at: user.renewalAskedAt,
    ...nextKeyColumns(user.nextKey),
    access_id: user.accessId,
    is_withheld: user.isWithheld ? 1 : 0,
    recipients: JSON.stringify(user.recipients),
    created_at: user.createdAt,
  };
}

/** The columns of the pair in use. */
export function pairColumns(
  pair: CurrentPair | undefined,
): Pick<
  Schema['service_users'],
  'certificate_sha256' | 'certificate' | 'sealed_key' | 'not_after'
> {
  return {
    certificate_sha256: pair?.sha256 ?? null,
    certificate: pair?.certificate ?? null,
    sealed_key: pair?.sealedKey ?? null,
    not_after: pair?.notAfter ?? null,
  };
}

/** The columns of a renewal that waits for its acknowledgement. */
export function pendingColumns(
  pending: PendingRenewal | undefined,
): Pick<
  Schema['service_users'],
  'pending_id' | 'old_certificate_sha256' | 'old_not_after' | 'renewed_at' | 'announce_at'
> {
  return {
    pending_id: pending?.id ?? null,
    old_certificate_sha256: pending?.oldSha256 ?? null,
    old_not_after: pending?.oldNotAfter ?? null,
    renewed_at: pending?.renewedAt ?? null,
    // Whoever replaces or ends a pending renewal settles its announcements with it.
    announce_at: pending?.renewedAt ?? null,
  };
}

/** The columns of the holder's own key for the next renewal. */
export function nextKeyColumns(
  nextKey: NextKey | undefined,
): Pick<Schema['service_users'], 'next_key' | 'next_key_at'> {
  return { next_key: nextKey?.spki ?? null, next_key_at: nextKey?.since ?? null };
}

/** The service user of a row: its certificate and key come from one read, so they fit. */
export function fromRow(row: Selectable<Schema['service_users']>): ServiceUser {
  return {
    id: row.id,
    project: row.project,
    service: row.service,
    username: row.username,
    type: row.type,
    sealedPassword: row.sealed_password,
    passwordUpdatedAt: row.password_updated_at,
    accessControl: JSON.parse(row.access_control) as JsonObject, // written by toRow
    authentication: row.authentication,
    pair: pairOf(row),
    pending: pendingOf(row),
    resetKey: row.reset_key,
    isSelfService: row.is_self_service === 1,
    fetchedPendingId: row.fetched_pending_id,
    renewalKey: row.renewal_key,
    renewalAskedAt: row.renewal_asked_at,
    nextKey: nextKeyOf(row),
    accessId: row.access_id,
    isWithheld: row.is_withheld === 1,
    recipients: JSON.parse(row.recipients) as string[], // written by toRow
    createdAt: row.created_at,
  };
}

function pairOf(row: Selectable<Schema['service_users']>): CurrentPair | undefined {
  const {
    certificate_sha256: sha256,
    certificate,
    sealed_key: sealedKey,
    not_after: notAfter,
  } = row;
  if (sha256 === null || certificate === null || notAfter === null) return undefined;
  return { sha256, certificate, sealedKey, notAfter };
}

function pendingOf(row: Selectable<Schema['service_users']>): PendingRenewal | undefined {
  const { pending_id: id, renewed_at: renewedAt } = row;
  const { old_certificate_sha256: oldSha256, old_not_after: oldNotAfter } = row;
  if (id === null || renewedAt === null || oldSha256 === null || oldNotAfter === null)
    return undefined;
  return { id, renewedAt, oldSha256, oldNotAfter };
}

function nextKeyOf({
  next_key: spki,
  next_key_at: since,
}: Selectable<Schema['service_users']>): NextKey | undefined {
  return spki === null || since === null ? undefined : { spki, since };
}
