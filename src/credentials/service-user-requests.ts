import type { Request } from 'express';
import { z } from 'zod';
import { Failure } from '../failure.js';
import { readJsonObject } from '../http/json-object.js';
import { judgePlainJson } from './plain-json.js';
import { judgeUsername } from './service-names.js';
import { objectValue } from './service-requests.js';
import type { JsonObject } from './service.js';

const authenticationValue = z.enum(['caching_sha2_password', 'mysql_native_password'], {
  error: 'has to be caching_sha2_password or mysql_native_password',
});

const details = {
  access_control: objectValue.nullish(),
  authentication: authenticationValue.nullish(),
};

/** The body that creates a service user. */
export const newUser = z.object({
  ...details,
  username: z.string({ error: 'has to be a string' }),
});

const operations = ['acknowledge-renewal', 'reset-credentials', 'set-access-control'] as const;

/** The body that changes a service user. */
export const change = z.object({
  ...details,
  operation: z.enum(operations, { error: `has to be one of ${operations.join(', ')}` }),
  new_password: z.string({ error: 'has to be a string' }).nullish(),
});

/** `{username, access_control?, authentication?}` */
export function readNewUser(body: Uint8Array): {
  username: string;
  accessControl: JsonObject;
  authentication: string | null;
} {
  const { username, access_control, authentication } = readJsonObject(body, newUser);
  return {
    username: judgeUsername(username),
    accessControl: judgePlainJson(access_control ?? {}, 'access_control'),
    authentication: authentication ?? null,
  };
}

/** What is to be done with a user. */
export type UserChange =
  | { readonly operation: 'acknowledge-renewal' }
  | {
      readonly operation: 'reset-credentials';
      readonly newPassword: string | undefined;
      readonly authentication: string | undefined;
    }
  | { readonly operation: 'set-access-control'; readonly accessControl: JsonObject };

/** `{operation, new_password?, access_control?, authentication?}` */
export function readUserChange(body: Uint8Array): UserChange {
  const parsed = readJsonObject(body, change);
  const { operation, new_password, access_control, authentication } = parsed;
  switch (operation) {
    case 'acknowledge-renewal':
      return { operation };
    case 'reset-credentials':
      return {
        operation,
        newPassword: new_password ?? undefined,
        authentication: authentication ?? undefined,
      };
    case 'set-access-control':
      if (access_control) {
        const accessControl = judgePlainJson(access_control, 'access_control');
        return { operation, accessControl };
      }
      throw new Failure('field-invalid', 'access_control has to be an object.');
  }
}

/** The header `Idempotency-Key`, where there is one: 1 to 255 visible characters. */
export function readIdempotencyKey({ headers }: Pick<Request, 'headers'>): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Failure('field-invalid', 'Idempotency-Key has to be 1 to 255 visible characters.');
}
