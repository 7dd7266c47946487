import { expect } from 'chai';
import type { Rows } from '../../lib/connection/connection.js';
import type { Opening } from '../../lib/connection/mysql/byte-stream.js';
import type { MysqlConnection } from '../../lib/connection/mysql/mysql.js';
import { openSocket } from '../../lib/connection/mysql/socket.js';
import { TooManyRowsError } from '../../lib/errors.js';
import { Connections, change, rowsOf } from './connections.js';
import { sequence } from './sequence.js';

describe('reads that are on their way together', function () {
  this.timeout(60_000);
  let connections: Connections;
  let db: MysqlConnection;
  const told = (results: readonly (Rows | Error)[]) =>
    results.map((result) =>
      result instanceof Error ? ((result as { code?: string }).code ?? result.name) : result.rows,
    );

  before(async () => {
    connections = await Connections.make('together');
    db = connections.open({ maxRows: 100 });
    change(db, 'create table note (id int primary key, text varchar(20))');
    change(db, "insert into note values (1, 'one'), (2, 'two'), (3, 'three')");
  });
  after(() => connections.close());

  it('are answered each with its own rows, and the columns of its own', () => {
    const results = db.readTogether([
      { sql: 'select text from note where id = ?', parameters: [2] },
      { sql: 'select id, text from note where id > ?', parameters: [2] },
      { sql: 'select text from note where id = ?', parameters: [1] },
    ]);
    expect(told(results)).to.deep.equal([[['two']], [[3, 'three']], [['one']]]);
    expect(results.map((result) => (result as Rows).columns)).to.deep.equal([['text'], ['id', 'text'], ['text']]);
  });

  it('fail each alone: in the text, in a value, at the server, or by too many rows', () => {
    const good = { sql: 'select text from note where id = ?', parameters: [1] };
    const results = db.readTogether([
      good,
      { sql: 'selec', parameters: [] },
      good,
      { sql: good.sql, parameters: [{}] },
      { sql: good.sql, parameters: [] },
      good,
      { sql: 'select (select id from note where id < ?)', parameters: [9] },
      { sql: `select seq from ${sequence(3_000_000)}`, parameters: [] },
      { sql: `select seq from ${sequence(101)}`, parameters: [] },
      good,
    ]);
    expect(told(results)).to.deep.equal([
      [['one']],
      'ER_PARSE_ERROR',
      [['one']],
      'OFFTHREAD_VALUE',
      'ER_WRONG_ARGUMENTS',
      [['one']],
      'ER_SUBQUERY_NO_1_ROW',
      'OFFTHREAD_TOO_MANY_ROWS',
      'OFFTHREAD_TOO_MANY_ROWS',
      [['one']],
    ]);
    expect(results[7]).to.be.instanceOf(TooManyRowsError);
    expect(rowsOf(db, 'select 1')).to.deep.equal([[1]]);
  });

  it('share a round trip: the server is written to once', () => {
    let writes = 0;
    const stream = (opening: Opening) => {
      const socket = openSocket(opening);
      const write = socket.write.bind(socket);
      socket.write = (...args) => {
        writes++;
        return write(...args);
      };
      return socket;
    };
    const counted = connections.open({ stream });
    const one = { sql: 'select text from note where id = ?', parameters: [1] };
    counted.prepare(one.sql);
    const before = writes;
    const results = counted.readTogether(Array.from({ length: 64 }, () => one));
    expect(writes - before).to.equal(1);
    expect(told(results)).to.deep.equal(Array.from({ length: 64 }, () => [['one']]));
  });

  it('may be many and long: no more is sent than the server takes while it answers', () => {
    const long = 'x'.repeat(9_000);
    const reads = Array.from({ length: 300 }, (_, id) => ({ sql: 'select ?, ?', parameters: [id, long] }));
    const results = db.readTogether(reads);
    expect(told(results).every((rows, id) => (rows as unknown[][])[0]?.[0] === id)).to.equal(true);
  });

  it('that write are refused where only reads are let through', () => {
    db.restrict('read');
    expect(
      told(
        db.readTogether([
          { sql: 'delete from note', parameters: [] },
          { sql: 'select 1', parameters: [] },
        ]),
      ),
    ).to.deep.equal(['ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', [[1]]]);
    db.restrict('write');
  });
});
