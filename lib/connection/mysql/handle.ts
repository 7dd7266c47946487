/** A statement as the server has it prepared. Runs on the worker thread. */
export interface Handle {
  readonly id: number;
  /** Of what kind the first values were, by place; undefined where the server takes each value as what it is. */
  readonly kinds: (Kind | undefined)[] | undefined;
}

/** What is exact in the same type of the server's. */
type Kind = 'number' | 'bigint' | 'text';

/**
 * Whether it takes these values as they are. From 8.0.22 on MySQL gives a place whose type nothing says that of the first
 * value there, and converts those that come later: a text behind a number would be 0.
 * https://dev.mysql.com/doc/refman/8.4/en/prepare.html
 */
export function takes({ kinds }: Handle, values: readonly unknown[]): boolean {
  if (kinds === undefined) return true;
  for (let i = 0; i < values.length; i++) {
    const kind = kindOf(values[i]);
    if (kind !== undefined && kinds[i] !== undefined && kinds[i] !== kind) return false;
  }
  for (let i = 0; i < values.length; i++) kinds[i] ??= kindOf(values[i]);
  return true;
}

export function kindOf(value: unknown): Kind | undefined {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return 'number';
    case 'bigint':
      return 'bigint';
    default:
      return value === null ? undefined : 'text';
  }
}
