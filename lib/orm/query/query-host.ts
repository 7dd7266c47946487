import type { Mapping } from '../mapping/mapping.js';
import type { Workspace } from '../workspace.js';

/** What a query needs of its session. */
export interface QueryHost {
  readonly workspace: Workspace;
  readonly access: 'read' | 'write';
  /** Before rows of these entities are read, or of nobody knows which: writes what would be missing in them. */
  readonly beforeQuery: (seen?: readonly Mapping[]) => void;
  /** Before something is written or locked; refused where the session may only read. */
  readonly beforeWrite: (wrote: string) => void;
  /** Writes what has changed; refuses it where the session may only read. */
  readonly finish: () => void;
  /** A row was deleted behind an instance's back: it comes back if that is undone. */
  readonly deleted: (instance: object) => void;
  /** How much was written, for `forget`. */
  readonly mark: () => number;
  /** Instances do not come back, although something was written of them since a mark. */
  readonly forget: (gone: ReadonlySet<object>, since: number) => void;
}
