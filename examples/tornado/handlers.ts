import type { GuestBook } from '../servers/guest-book.js';
import type * as units from '../servers/guests.js';
import { Refused } from '../servers/guests.js';
import { Application, HTTPError, RequestHandler } from './web.js';

class MainHandler extends RequestHandler<typeof units> {
  override get() {
    this.write('Hello, ');
    this.finish(this.getArgument('name', 'world'));
  }
}

class GuestsHandler extends RequestHandler<typeof units> {
  override async get() {
    this.finish(await this.units.guests());
  }

  override async post() {
    const guest = await this.units.sign(this.getArgument('name'));
    this.setStatus(201);
    this.finish(guest);
  }

  override writeError(status: number, error: unknown) {
    super.writeError(error instanceof Refused ? 400 : status, error);
  }
}

class GuestHandler extends RequestHandler<typeof units> {
  override async get(id: string) {
    const guest = await this.units.guest(Number(id));
    if (!guest) throw new HTTPError(404, `there is no guest ${id}`);
    this.finish(guest);
  }
}

export const makeApp = (pool: GuestBook) =>
  new Application<typeof units>(
    [
      ['/', MainHandler],
      ['/guests', GuestsHandler],
      ['/guests/(\\d+)', GuestHandler],
    ],
    pool,
  );
