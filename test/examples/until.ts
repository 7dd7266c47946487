import { setTimeout } from 'node:timers/promises';

/** Resolves when something has come true; the test's own time limit is what ends it otherwise. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setTimeout(5);
}
