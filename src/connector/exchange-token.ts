import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Clock, RandomBytes } from '../edges.js';
import type { SubjectFields } from '../pki/names.js';
import type { Schema } from '../storage/schema.js';
import { signingInfo } from './info-documents.js';
import type { DocumentUrls, SigningInfo } from './info-documents.js';
import type { EnrolmentToken, TokenStore } from './token-store.js';
import { newToken, useToken } from './tokens.js';

export type ExchangeToken = (token: EnrolmentToken, requestId: string) => Promise<SigningInfo>;

/**
 * The first step of pairing: the token is used up for the info document, which holds the token of the second step.
 * That one only gives a certificate, so a token's time cannot be extended without end.
 */
export function makeExchangeToken(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly ttlSeconds: number;
  readonly urls: DocumentUrls;
  readonly subject: Omit<SubjectFields, 'CN'>;
  readonly recordEvent: RecordEvent;
}): ExchangeToken {
  const { store, clock, random, ttlSeconds, urls, subject } = edges;
  return async (first, requestId) => {
    const { application } = first;
    const now = clock();
    const { token, stored } = newToken({
      random,
      purpose: 'enrol',
      application,
      createdBy: `token:${first.id}`,
      now,
      expiresAt: now + ttlSeconds,
    });
    await edges.transaction(async (trx) => {
      await useToken({ store, clock }, first, trx);
      await store.insert(stored, trx);
      await edges.recordEvent(
        {
          action: 'token.exchanged',
          actor: `application:${application}`,
          holder: application,
          requestId,
          detail: { token: first.id, next: stored.id },
        },
        trx,
      );
    });
    return signingInfo({ urls, application, token, subject });
  };
}
