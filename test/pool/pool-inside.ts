import { createPool } from 'offthread';
import { write } from 'offthread/orm';

// A module of its own: whatever it imports, each thread with its units has to load.

let told: unknown;
/** The refusal is a rejection, which a unit cannot wait for: it is told to the next one. */
export const poolInside = write(() => {
  createPool({ database: 'sqlite::memory:' }).catch(({ name, code, message }) => {
    told = { name, code, message };
  });
});
export const poolInsideTold = write(() => told);
