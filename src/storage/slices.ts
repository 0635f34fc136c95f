const valuesInAStatement = 500;

/** Many values in pieces that one statement can take: databases limit its parameters. */
export function* slicesOf<Value>(values: readonly Value[]): Generator<readonly Value[]> {
  for (let at = 0; at < values.length; at += valuesInAStatement)
    yield values.slice(at, at + valuesInAStatement);
}
