import { expect } from 'chai';
import { type OwnServer, sharedServer, startServer } from './server.js';

describe('a server for tests', function () {
  this.timeout(60_000);
  let own: OwnServer | undefined;
  after(() => own?.stop());

  it('is one for the whole run, with databases of its own', async () => {
    const server = await sharedServer();
    expect(await sharedServer()).to.equal(server);
    await server.makeDatabase('ground_server');
    const connection = await server.connect('ground_server');
    const [rows] = await connection.query('select database() as name');
    expect(rows).to.deep.equal([{ name: 'ground_server' }]);
    await connection.query('drop database ground_server');
    await connection.end();
  });

  it('or one of its own, which keeps what was committed when it is killed and started again', async () => {
    own = await startServer();
    await own.makeDatabase('kept');
    const before = await own.connect('kept');
    await before.query('create table note (id int primary key) engine = innodb');
    await before.query('insert into note values (7)');
    before.on('error', () => {});
    await own.signal('SIGKILL');
    await own.restart();
    const after = await own.connect('kept');
    const [rows] = await after.query('select id from note');
    expect(rows).to.deep.equal([{ id: 7 }]);
    await after.end();
  });
});
