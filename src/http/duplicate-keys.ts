const stringOrPunctuation = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * The first key that the outermost object of valid JSON names twice, where `fold` makes keys equal: JSON.parse keeps
 * the last of two silently, and which one the sender meant is not ours to guess.
 */
export function duplicateKey(
  text: string,
  fold: (key: string) => string = (key) => key,
): string | undefined {
  const seen = new Set<string>();
  const tokens = text.match(stringOrPunctuation) ?? [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && token !== ':' && tokens[index + 1] === ':') {
      const key = fold(String(JSON.parse(token)));
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}
