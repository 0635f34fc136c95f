import { z } from 'zod';
import type { FailureKind } from '../failure.js';

/** One route of the admin listener as /openapi.json tells of it. */
export interface DescribedRoute {
  /** Unique among all; Aiven's name where it has the route too. */
  readonly id: string;
  /** Method and path as it is mounted. */
  readonly call: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  readonly summary: string;
  /** No token is asked for. */
  readonly isOpen?: true;
  /** The token counts as the password of HTTP Basic, too. */
  readonly takesBasic?: true;
  /** What the caller has to be or to have besides a token. */
  readonly permission?: string;
  /** Query parameters, all optional. */
  readonly query?: Readonly<Record<string, z.ZodType>>;
  /** Request headers, all optional. */
  readonly headers?: Readonly<Record<string, z.ZodType>>;
  /** What reads the body of the request. */
  readonly body?: z.ZodType;
  /** Without a body it does what an empty one asks for. */
  readonly isBodyOptional?: true;
  /** Where it is not 200: the order was taken and is carried out afterwards. */
  readonly status?: 202;
  /** Of the answer, where it is no JSON. */
  readonly contentType?: 'text/plain';
  /** The shape of the answer. */
  readonly answer: z.ZodType;
  /** Besides those that token, permission, path and body bring about. */
  readonly refusals?: readonly FailureKind[];
}

/** Routes that belong together. */
export interface DescribedRoutes {
  readonly tag: { readonly name: string; readonly description: string };
  /** Shapes that several routes share, by the names that the document gives them. */
  readonly shapes: Readonly<Record<string, z.ZodType>>;
  readonly routes: readonly DescribedRoute[];
}

/** A time on the wire: ISO 8601 in UTC, whole seconds. */
export const timeShape = z.string().meta({ format: 'date-time' });

/** An answer that says nothing besides its status. */
export const emptyShape = z.object({});

/** An answer for people. */
export const messageShape = z.object({ message: z.string() });
