import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { ClientKind } from '../authority/certificate-kinds.js';
import type { Clock, RandomBytes } from '../edges.js';
import type { Der } from '../pki/der.js';
import type { Schema } from '../storage/schema.js';
import { actorName, holderName } from './client.js';
import { signingInfo } from './info-documents.js';
import type { DocumentUrls, SigningInfo } from './info-documents.js';
import type { EnrolmentToken, TokenStore } from './token-store.js';
import { newToken, useToken } from './tokens.js';

export type ExchangeToken = (token: EnrolmentToken, requestId: string) => Promise<SigningInfo>;

/**
 * The first step of pairing: the token is used up for the info document, which holds the token of the second step.
 * That one only gives a certificate, so a token's time cannot be extended without end; it is for the same client and
 * the same line.
 */
export function makeExchangeToken(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly ttlSeconds: Readonly<Record<ClientKind, number>>;
  readonly urls: DocumentUrls;
  readonly subjectFor: (token: EnrolmentToken) => Promise<Der>;
  readonly recordEvent: RecordEvent;
}): ExchangeToken {
  const { store, clock, random, urls } = edges;
  return async (first, requestId) => {
    const subject = await edges.subjectFor(first);
    const now = clock();
    const { token, stored } = newToken({
      random,
      purpose: 'enrol',
      client: first,
      predecessor: first.predecessor,
      createdBy: `token:${first.id}`,
      now,
      expiresAt: now + edges.ttlSeconds[first.kind],
    });
    await edges.transaction(async (trx) => {
      await useToken({ store, clock }, first, trx);
      await store.insert(stored, trx);
      await edges.recordEvent(
        {
          action: 'token.exchanged',
          actor: actorName(first),
          holder: holderName(first),
          requestId,
          detail: { token: first.id, next: stored.id },
        },
        trx,
      );
    });
    return signingInfo({ urls, client: first, token, subject });
  };
}
