import { createHash } from 'node:crypto';
import type { DialectName } from '../../plan/dialect.js';

/** How long a name may be. */
const LONGEST: Readonly<Record<DialectName, number>> = { sqlite: Number.POSITIVE_INFINITY, mysql: 64 };

/** Much as SQLAlchemy has them: `ix_address__user_id`. Two underlines, or `a_b` of `c` would be called like `a` of `b_c`. */
export function constraintName(
  dialect: DialectName,
  kind: string,
  table: string,
  parts: readonly (string | number)[] = [],
): string {
  const name = `${kind}_${[table, parts.join('_')].filter(Boolean).join('__')}`;
  if (name.length <= LONGEST[dialect]) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST[dialect] - digest.length - 1)}_${digest}`;
}
