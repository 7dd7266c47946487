import { expect } from 'chai';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { createTables, openSession } from 'offthread/orm';
import { serveUsers } from '../../examples/programs/gino-handler.js';
import { User } from '../../examples/programs/gino-users.js';
import { Scratch } from '../scratch.js';

describe('The handlers of GINO', () => {
  let scratch: Scratch;
  let app: FastifyInstance;
  before(async () => {
    scratch = new Scratch();
    const file = scratch.file();
    const session = openSession(`sqlite:${file}`);
    session.transaction((session) => createTables(session, [User]));
    session.close();
    app = await serveUsers(file);
  });
  after(async () => {
    await app.close();
    scratch.remove();
  });

  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: InjectOptions['payload']) => {
    const { statusCode, body } = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
    return [statusCode, body === '' ? undefined : JSON.parse(body)];
  };

  it('add, answer, rename and remove a user, each with one unit', async () => {
    expect(await ask('POST', '/users', { nickname: 'fantix' })).to.deep.equal([200, { id: 1, nickname: 'fantix' }]);
    expect(await ask('PUT', '/users/1', { nickname: 'daisy' })).to.deep.equal([204, undefined]);
    expect(await ask('GET', '/users/1')).to.deep.equal([200, { id: 1, nickname: 'daisy' }]);
    expect(await ask('DELETE', '/users/1')).to.deep.equal([204, undefined]);
  });

  it('answer 404 for a user who is not there, as get_or_404 does', async () => {
    for (const method of ['GET', 'DELETE'] as const)
      expect(await ask(method, '/users/7')).to.deep.equal([404, { error: 'there is no user 7' }]);
  });
});
