import { EntityStateError } from '../../errors.js';
import { isShown } from '../relations/both-sides.js';
import { knownState } from '../state.js';

/** What is in the collection of a parent and was never added would be gone without a word. */
export function refuseMissing(children: Iterable<object>): void {
  for (const child of children) {
    const { status, mapping, references = [] } = knownState(child);
    if (status !== 'transient') continue;
    for (const [foreignKey, { parent }] of references) {
      if (parent === null || knownState(parent).status !== 'persistent') continue;
      for (const down of mapping.incoming)
        if (down.foreignKey === foreignKey && isShown(parent, down, child))
          throw new EntityStateError({
            entity: mapping.name,
            problem: `is in ${down.place}, and was never added`,
            wayOut: 'Add it: session.add(…), or take it out.',
          });
    }
  }
}
