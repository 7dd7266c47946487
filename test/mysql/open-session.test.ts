import { expect } from 'chai';
import { sql } from '../../lib/index.js';
import { openSession } from '../../lib/orm/index.js';
import { thrown } from './connections.js';
import { sharedServer, type TestServer } from './server.js';

describe('openSession on MySQL', function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await sharedServer();
    await server.makeDatabase('open_session');
  });

  it('answers on the current thread, by an address or by a name', () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      using session = openSession(server.url('open_session').replace('127.0.0.1', host));
      expect(session.run(sql<{ one: number }>`select ${1} as one, database() as name`)).to.deep.equal([
        { one: 1, name: 'open_session' },
      ]);
    }
  });

  it('commits and rolls back', () => {
    using session = openSession(server.url('open_session'));
    session.run(sql`create table note (id int primary key)`);
    session.run(sql`insert into note values (1)`);
    session.commit();
    session.run(sql`insert into note values (2)`);
    session.rollback();
    expect(session.run(sql`select id from note`)).to.deep.equal([{ id: 1 }]);
  });

  it('takes the password beside the URL, and no promise of one', () => {
    const url = server.url('open_session').replace(/:[^:@/]+@/, '@');
    using session = openSession(url, { password: () => server.password });
    expect(session.run(sql`select 1 as one`)).to.deep.equal([{ one: 1 }]);
    const later = { password: () => Promise.resolve(server.password) };
    expect(thrown(() => openSession(url, later))).to.include({ code: 'OFFTHREAD_OPTION', option: 'mysql.password' });
    expect(thrown(() => openSession(url, { ssl: true }))).to.include({ code: 'OFFTHREAD_TLS' });
  });

  it('says which name it does not know', () => {
    const error = thrown(() => openSession('mysql://a:secret@nowhere.invalid/x'));
    expect(error).to.include({ kind: 'connection', code: 'ENOTFOUND', retryable: true });
    expect(error.message)
      .to.match(/^The server's name nowhere.invalid is not known/)
      .and.not.include('secret');
  });
});
