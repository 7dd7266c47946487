// Nothing here may compile, and each message must tell the way out: scripts/check-types.ts compares it with the line above.
import { createPool } from 'offthread';
import { type Session, write } from 'offthread/orm';
import type * as units from './shop.js';
import { User } from './shop.js';

const pool = await createPool<typeof units>({
  database: 'sqlite::memory:',
  units: new URL('./shop.js', import.meta.url),
});
const user = new User({ name: 'Ada' });

// error: '"userPag"' is not assignable to
await pool.run('userPag', [7]);

// error: Type 'string' is not assignable to type 'number'
await pool.run('userPage', ['7']);

// error: Source has 1 element(s) but target requires 2
await pool.run('rename', [7]);

// error: this unit is a generator: return an array, run() answers with one value
await pool.run('names');

// error: this unit returns a promise: units are synchronous
await pool.run('late', [7]);

// error: Property 'label' does not exist
(await pool.run('everyone'))[0]?.label;

// error: a unit is synchronous: remove async, and await outside of it
write(async (session: Session) => session.query(User).all());

// error: Property 'naem' does not exist
user.naem = 'Grace';

export class Hidden extends User {
  // error: Property 'addresses' has no initializer
  override addresses: User['addresses'];
}
