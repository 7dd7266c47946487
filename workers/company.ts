import type { RawTable } from '../lib/wire/answer.js';

/** In which company a plan runs. */
export interface Company {
  readonly access: 'read' | 'write';
  /** Called before a unit gets the raw connection, with which it could end the transaction of its neighbours. */
  readonly beforeRaw: () => void;
  /** Takes rows of a query before all of them are there: whoever gives it away cannot run the plan again. */
  readonly onPart?: (part: RawTable) => void;
}
