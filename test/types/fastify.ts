// Compiled, never run: what fastify.db is, as examples/servers/fastify.ts has told it.
import Fastify from 'fastify';
import type { Runner } from 'offthread';
import offthread from 'offthread/fastify';
import type { GuestBook } from '../../examples/servers/guest-book.js';
import type * as units from '../../examples/servers/guests.js';
import { type Equal, is } from './equal.js';

const app = Fastify();
app.register(offthread, { database: 'sqlite:guests.db', name: 'guests', closeTimeout: 1_000 });
is<Equal<typeof app.db, GuestBook>>();

app.get('/', async (request) => {
  is<Equal<typeof request.db, Runner<typeof units>>>();
  const guest = await request.db.units.guest(1);
  is<Equal<NonNullable<typeof guest>['name'], string>>();
});
