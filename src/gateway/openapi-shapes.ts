import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The schemas of a document, each under a name of its own. */
export interface NamedShapes {
  /** Content of JSON: refers to the shape, which gets this name unless it has one. */
  json(shape: z.ZodType, name: string): object;
  /** A shape where it stands. */
  inline(shape: z.ZodType): JsonSchema;
  /** All that have a name by now. */
  schemas(): object;
}

/** Collects the shapes of a document, the shared ones first. */
export function makeNamedShapes(shared: Readonly<Record<string, z.ZodType>>): NamedShapes {
  const named = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries(shared)) named.add(shape, { id });
  return {
    json: (shape, name) => {
      if (!named.has(shape)) named.add(shape, { id: name });
      const schema = { $ref: pathOf(named.get(shape)?.id ?? name) };
      return { 'application/json': { schema } };
    },
    inline: (shape) => withoutOrigin(z.toJSONSchema(shape, form)),
    schemas: () =>
      Object.fromEntries(
        Object.entries(z.toJSONSchema(named, { ...form, uri: pathOf }).schemas).map(
          ([name, schema]) => [name, withoutOrigin(schema)],
        ),
      ),
  };
}

function pathOf(name: string): string {
  return `#/components/schemas/${name}`;
}

/** As a client sends it, before defaults and conversions; whole numbers without the limits of JavaScript. */
const form = {
  io: 'input',
  override: ({ jsonSchema }: { readonly jsonSchema: { minimum?: number; maximum?: number } }) => {
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  },
} as const;

/** What says where a schema comes from: inside the document that is known. */
function withoutOrigin({ $schema: _schema, $id: _id, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
