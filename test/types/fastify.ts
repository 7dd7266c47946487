// Compiled, never run: what fastify.db is, as examples/servers/fastify.ts has told it.
import Fastify from 'fastify';
import type { Lease, PoolWith } from 'offthread';
import offthread from 'offthread/fastify';
import type { GuestBook } from '../../examples/servers/guest-book.js';
import type * as units from '../../examples/servers/guests.js';
import { type Equal, is } from './equal.js';

const app = Fastify();
app.register(offthread, { database: 'sqlite:guests.db', name: 'guests', closeTimeout: 1_000 });
is<Equal<typeof app.db, GuestBook>>();

app.get('/', async (request) => {
  is<Equal<typeof request.db, PoolWith<typeof units>>>();
  const guest = await request.db.units.guest(1);
  is<Equal<NonNullable<typeof guest>['name'], string>>();
  // All that a pool has for its callers, with the client's signal; what is the program's own to do is none of a request's.
  const names = await request.db.transaction(async (tx) => {
    is<Equal<typeof tx, Lease<typeof units>>>();
    return (await tx.units.guests()).map(({ name }) => name);
  });
  is<Equal<typeof names, string[]>>();
  await using lease = await request.db.lease({ access: 'read' });
  is<Equal<typeof lease, Lease<typeof units>>>();
  is<Extract<keyof typeof request.db, 'close' | 'destroy' | 'wrap' | 'backup'> extends never ? true : false>();
});
