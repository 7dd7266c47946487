import type { DialectName } from '../../plan/dialect.js';

/** What a database can do, where the dialects differ in more than words. */
export interface Abilities {
  /** A statement that writes answers with what it wrote: RETURNING. */
  readonly returns: boolean;
  /** Other statements may run while the rows of one are being read. */
  readonly hasCursors: boolean;
  /** Single rows are locked: FOR UPDATE. */
  readonly locksRows: boolean;
  /** An update or delete may read its own table in a subquery. */
  readonly readsWhatItWrites: boolean;
  /** An index serves `(a, b) > (1, 2)`. */
  readonly seeksPairs: boolean;
  /** What stands behind LIMIT where there is none, but an offset. */
  readonly noLimit: number | bigint;
}

export const abilities: Readonly<Record<DialectName, Abilities>> = {
  sqlite: {
    returns: true,
    hasCursors: true,
    locksRows: false,
    readsWhatItWrites: true,
    seeksPairs: true,
    noLimit: -1,
  },
  // MariaDB can do some more of it; what both can is one way, which is tested on either.
  mysql: {
    returns: false,
    hasCursors: false,
    locksRows: true,
    readsWhatItWrites: false,
    seeksPairs: false,
    noLimit: 2n ** 64n - 1n,
  },
};
