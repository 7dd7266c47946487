import { copyFileSync } from 'node:fs';
import { makeWorld } from '../../examples/world/world.js';
import { Scratch } from '../scratch.js';

const scratch = new Scratch();
let original: Promise<string> | undefined;
let copies = 0;

// Several files of tests share it.
process.on('exit', () => scratch.remove());

/** A database of the world that a test may change. It is made once for all of them, since that takes some seconds. */
export async function copyWorld(): Promise<string> {
  original ??= makeWorld(scratch.file('original.db'));
  const copy = scratch.file(`copy-${copies++}.db`);
  copyFileSync(await original, copy);
  return copy;
}
