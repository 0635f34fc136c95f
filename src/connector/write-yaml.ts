/** What writeYaml can write. */
export type YamlValue =
  string | number | boolean | null | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** YAML 1.2 in block style, keys in their order. What YAML could read as something else is quoted as JSON is. */
export function writeYaml(value: YamlValue): string {
  return `${writeBlock(value, '').join('\n')}\n`;
}

function writeBlock(value: YamlValue, indent: string): string[] {
  if (typeof value !== 'object' || value === null || isEmpty(value))
    return [indent + inline(value)];
  const deeper = `${indent}  `;
  if (isList(value)) {
    return value.flatMap((item) => {
      const [first = '', ...rest] = writeBlock(item, deeper);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  return Object.entries(value).flatMap(([key, member]) => {
    const name = `${indent}${inline(key)}:`;
    const isBlock = typeof member === 'object' && member !== null && !isEmpty(member);
    return isBlock ? [name, ...writeBlock(member, deeper)] : [`${name} ${inline(member)}`];
  });
}

/** Block style has no form for an empty list or object: they are written as JSON. */
function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function isList(value: object): value is readonly YamlValue[] {
  return Array.isArray(value);
}

const plain = /^[A-Za-z/$](?:[\w ,./()-]*[\w./()-])?$/;
/** JSON leaves these as they are; to YAML they are line breaks, or not printable. */
const lineBreaksOfYaml = /[\u007f-\u009f\u2028\u2029\ufeff]/g;
const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

function inline(value: YamlValue): string {
  const isPlain = typeof value === 'string' && plain.test(value) && !reserved.test(value);
  return isPlain ? value : JSON.stringify(value).replace(lineBreaksOfYaml, escapeLetter);
}

function escapeLetter(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
