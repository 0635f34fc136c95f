import request from 'supertest';
import { z } from 'zod';
import type { TestGateway } from './gateway.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** One operation of /openapi.json. */
export interface DocumentedOperation {
  readonly operationId: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}

type Content = Readonly<
  Record<'application/json' | 'text/plain', { readonly schema: JsonObject } | undefined>
>;

/** /openapi.json as a client reads it. */
export interface ApiDocument {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>;
    readonly securitySchemes: JsonObject;
  };
}

/** The document that a gateway serves. */
export async function readApiDocument(gateway: TestGateway): Promise<ApiDocument> {
  const answer = await request(gateway.urls.admin).get('/openapi.json').ca(gateway.ca).expect(200);
  return answer.body as ApiDocument;
}

/** Every operation with its method and path. */
export function operationsOf({ paths }: ApiDocument): {
  readonly method: string;
  readonly path: string;
  readonly operation: DocumentedOperation;
}[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

/** What is wrong with a value by the schema of a content; fields that it does not name are wrong, too. */
export function wrongIn(document: ApiDocument, content: Content, value: unknown): string[] {
  const described = content['application/json'] ?? content['text/plain'];
  const schemas = JSON.stringify(
    closed({ ...described?.schema, $defs: document.components.schemas }),
  );
  const schema: unknown = JSON.parse(schemas.replaceAll('#/components/schemas/', '#/$defs/'));
  const parsed = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema).safeParse(value);
  const issues = parsed.error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** The same schema without room for fields that it does not name, where it does not say that there may be others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const isOpen = !('properties' in schema) || 'additionalProperties' in schema;
  return { ...Object.fromEntries(parts), ...(isOpen ? {} : { additionalProperties: false }) };
}
