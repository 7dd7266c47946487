import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { FaultStage, type Notes, until } from './fault-stage.js';
import { ENDLESS, sequence } from './sequence.js';

describe('transactions on a MySQL server', () => {
  let stage: FaultStage;
  let pool: Notes;

  before(async () => {
    stage = await FaultStage.start('--max-allowed-packet=1M');
    pool = await stage.open({ threads: 3 });
  });
  beforeEach(() => stage.clear());
  after(() => stage.remove());

  const bodies = async () =>
    (await stage.ask('select id, body from note order by id')).map(({ id, body }) => [id, body]);
  /** What one connection has said to the server since the log was opened: from its next transaction on. */
  const logged = async (connection: unknown) => {
    const said = await stage.ask(
      `select concat(command_type, ': ', convert(argument using utf8mb4)) as text from mysql.general_log where thread_id = ${connection}`,
    );
    // MySQL writes the values down, and MariaDB their places.
    const texts = said.map(({ text }) => String(text).replace(/values \(\d+, ''\)/, 'values (?, ?)'));
    return texts.slice(texts.indexOf('Query: start transaction'));
  };
  const changeBoth = async (name: 'changeBoth' | 'changeBothAnyway', retries?: number) => {
    await stage.ask("insert into note values (1, ''), (2, '')");
    const gate = new Gate();
    const options = retries === undefined ? {} : { retries };
    const calls = [pool.run(name, [1, 2, gate.buffer], options), pool.run(name, [2, 1, gate.buffer], options)];
    await gate.reached(2);
    gate.open();
    return Promise.allSettled(calls);
  };

  it('that lock each other out: the one that was rolled back runs again, with a session of its own', async () => {
    const [first, second] = await changeBoth('changeBoth');
    expect([first?.status, second?.status]).to.deep.equal(['fulfilled', 'fulfilled']);
    expect(await bodies()).to.deep.equal([
      [1, '++'],
      [2, '++'],
    ]);
  });

  it('that lock each other out, without retries: one is told, and the other is committed', async () => {
    const outcomes = await changeBoth('changeBoth', 0);
    const [failed] = outcomes.filter((each) => each.status === 'rejected');
    expect(outcomes.filter((each) => each.status === 'fulfilled')).to.have.length(1);
    expect(failed?.reason).to.include({ kind: 'deadlock', errno: 1213, outcome: 'not-committed', retryable: true });
    expect(failed?.reason).to.not.have.property('attempts');
    expect(await bodies()).to.deep.equal([
      [1, '+'],
      [2, '+'],
    ]);
  });

  it('that go on after the database has rolled them back are told so, and leave nothing', async () => {
    const outcomes = await changeBoth('changeBothAnyway', 0);
    const [failed] = outcomes.filter((each) => each.status === 'rejected');
    expect(failed?.reason).to.include({ name: 'TransactionLostError', outcome: 'not-committed' });
    expect((await stage.ids()).filter((id) => Number(id) >= 200)).to.deep.equal([]);
  });

  it('run again no more often than they may, and say how often it was', async () => {
    const failing = pool.run(sql`signal sqlstate '40001' set mysql_errno = 1213, message_text = 'again'`, {
      retries: 2,
    });
    expect(await rejection(failing)).to.include({ kind: 'deadlock', attempts: 3, retryable: true });
  });

  it('that wait for a lock in vain are rolled back whole, and not run again', async () => {
    await stage.ask("insert into note values (1, '')");
    const other = await stage.connect();
    await other.query('begin');
    await other.query("update note set body = 'theirs' where id = 1");
    const error = await rejection(pool.run('addAndWaitForLock', [5, 1, 1]));
    expect(error).to.include({ kind: 'lock-timeout', errno: 1205, outcome: 'not-committed', retryable: true });
    expect(error).to.not.have.property('attempts');
    // The statement alone was rolled back by the server; the row before it by us.
    expect(await stage.ids()).to.deep.equal([1]);
    await other.query('commit');
    other.destroy();
    expect(await pool.run(sql`select @@innodb_lock_wait_timeout as seconds`)).to.deep.equal([{ seconds: 50 }]);
  });

  it('with more than the server takes at once: nothing is sent, and nothing of it is there', async () => {
    const { lanesLost } = pool.stats();
    const error = await rejection(pool.run('addLong', [1, 2_000_000]));
    expect(error).to.include({ kind: 'too-large', errno: 1153, outcome: 'not-committed', retryable: false });
    expect(error.message).to.match(/max_allowed_packet = 1048576/);
    expect(await stage.ids()).to.deep.equal([]);
    expect(pool.stats().lanesLost).to.equal(lanesLost);
  });

  it('on a server that only reads: they are refused, and reads are not', async () => {
    const { port } = stage.server;
    await stage.ask("create user writer identified by 'word'");
    await stage.ask('grant select, insert on fault.* to writer');
    const own = await stage.open({ database: `mysql://writer:word@127.0.0.1:${port}/fault`, threads: 1 });
    await stage.ask('set global read_only = 1');
    try {
      const error = await rejection(own.run('add', [1]));
      expect(error).to.include({ kind: 'read-only', errno: 1290, outcome: 'not-committed', retryable: false });
      expect(await own.run('ids')).to.deep.equal([]);
    } finally {
      await stage.ask('set global read_only = 0');
    }
    expect(await own.run('add', [1])).to.equal(1);
    await own.close();
  });

  it('of units that read cannot write, whatever way they try', async () => {
    const error = await rejection(pool.run('writeReading', [1]));
    expect(error).to.include({ name: 'ReadOnlyError' });
    expect(await stage.ids()).to.deep.equal([]);
  });

  it('have the isolation that the call asks for, be it of a unit, a list or a query; the next one has the usual', async () => {
    await stage.ask("set global log_output = 'TABLE'");
    await stage.ask('set global general_log = 1');
    const one = sql`select 1 as one`;
    await pool.run('add', [1], { isolation: 'serializable' });
    await pool.run('ids', [], { isolation: 'read uncommitted' });
    await pool.run([one, one], { isolation: 'repeatable read' });
    expect(await pool.run(one, { isolation: 'read committed' })).to.deep.equal([{ one: 1 }]);
    await pool.run('add', [2]);
    await stage.ask('set global general_log = 0');
    const said = await stage.ask(
      "select argument as text from mysql.general_log where argument like '%transaction%' and argument not like '%general_log%'",
    );
    expect(said.map(({ text }) => String(text))).to.deep.equal([
      'set transaction isolation level serializable',
      'start transaction',
      'set transaction isolation level read uncommitted',
      'start transaction read only',
      'set transaction isolation level repeatable read',
      'start transaction read only',
      'set transaction isolation level read committed',
      'start transaction read only',
      'start transaction',
    ]);
  });

  it('cost what they need: BEGIN, the statements and COMMIT, and nothing between two units', async () => {
    const own = await stage.open({ threads: 1 });
    await own.run('add', [1]);
    await own.run('ids');
    const id = await own.run('connectionId');
    await stage.ask("set global log_output = 'TABLE'");
    await stage.ask('set global general_log = 1');
    await own.run('add', [2]);
    await own.run('ids');
    await until(async () => (await logged(id)).at(-1) === 'Query: rollback');
    await own.run(sql`select 1 as one`);
    await own.run('add', [3]);
    await stage.ask('set global general_log = 0');
    const insert = ['Query: start transaction', 'Execute: insert into note (id, body) values (?, ?)', 'Query: commit'];
    const read = ['Query: start transaction read only', 'Execute: select id from note order by id', 'Query: rollback'];
    expect(await logged(id)).to.deep.equal([
      ...insert,
      ...read,
      'Prepare: select 1 as one',
      'Execute: select 1 as one',
      ...insert,
    ]);
    await own.close();
  });

  it('that have only read are ended by what comes next, and at once where nothing does', async () => {
    const own = await stage.open({ threads: 1 });
    const one = sql`select 1 as one`;
    const gate = new Gate();
    await Promise.all([own.run('ids'), own.run(one)]);
    const id = await own.run('connectionId');
    await stage.ask("set global log_output = 'TABLE'");
    await stage.ask('set global general_log = 1');
    const held = own.run('addAndWait', [1, gate.buffer]);
    await gate.reached(1);
    const calls = [
      ...[own.run('ids'), own.run('ids'), own.run('ids', [], { isolation: 'read committed' })],
      ...[own.run(one), own.run(one), own.run('ids'), own.run(one), own.run('ids')],
      ...[own.run(sql`delete from note where id = 98`), own.run('ids'), own.run([sql`delete from note where id = 99`])],
      ...[own.run('ids'), own.run('savedIds', [], { isolation: 'read committed' })],
    ];
    gate.open();
    await Promise.all([held, ...calls]);
    await until(async () => (await logged(id)).at(-1) === 'Query: commit');
    await stage.ask('set global general_log = 0');
    const said = (await logged(id)).map((text) => text.replace(/offthread_\w+/, 'x'));
    const ids = ['Query: start transaction read only', 'Execute: select id from note order by id'];
    const ones = 'Execute: select 1 as one';
    expect(said.slice(3)).to.deep.equal([
      ...ids,
      ...ids,
      ...['Query: rollback', 'Query: set transaction isolation level read committed', ...ids],
      ...['Query: rollback', ones, ones],
      ...ids,
      ...['Query: rollback', ones],
      ...ids,
      ...['Query: rollback', 'Prepare: delete from note where id = 98', 'Execute: delete from note where id = 98'],
      ...ids,
      ...['Query: rollback', 'Prepare: delete from note where id = 99'],
      ...['Query: start transaction', 'Execute: delete from note where id = 99', 'Query: commit'],
      ...ids,
      ...['Query: rollback', 'Query: set transaction isolation level read committed', 'Query: start transaction'],
      ...['Query: savepoint x', ids[1], 'Query: release savepoint x', 'Query: commit'],
    ]);
    await own.close();
  });

  it('that have only read are ended before a lease, which may say nothing for long', async () => {
    const own = await stage.open({ threads: 1 });
    await stage.ask('insert into note values (1, "")');
    await own.run('ids');
    const gate = new Gate();
    const held = own.run('addAndWait', [2, gate.buffer]);
    await gate.reached(1);
    const read = own.run('ids');
    const leased = own.lease({ access: 'read' });
    gate.open();
    await using _ = await leased;
    expect([await held, await read]).to.deep.equal([2, [1, 2]]);
    // It would wait for whoever has read the table in a transaction that is open.
    await stage.ask('alter table note comment = "altered"');
  });

  it('that have only read do not hang a statement behind them that is refused before it is sent', async () => {
    const own = await stage.open({ threads: 1 });
    const gate = new Gate();
    const held = own.run('addAndWait', [1, gate.buffer]);
    await gate.reached(1);
    const read = own.run('ids');
    const refused = rejection(own.run(sql.raw(`select '${'x'.repeat(2 << 20)}' as x`)));
    const after = own.run('ids');
    gate.open();
    expect([await held, await read, await after]).to.deep.equal([1, [1], [1]]);
    expect(await refused).to.include({ kind: 'too-large', code: 'ER_NET_PACKET_TOO_LARGE' });
    await own.close();
  });

  it('of a procedure answer its rows, the first time too, and what it has changed where there are none', async () => {
    await stage.ask('create procedure added(in n int) begin insert into note values (n, ""); select n as id; end');
    await stage.ask('create procedure emptied() delete from note');
    const own = await stage.open({ threads: 1 });
    for (const id of [1, 2]) expect(await own.run(sql`call added(${id})`)).to.deep.equal([{ id }]);
    for (const changes of [2, 0])
      expect(await own.run(sql`call emptied()`)).to.deep.equal({ changes, insertId: undefined });
    await own.close();
  });

  describe('of a procedure that is called by itself', () => {
    const failing = (id: number) => sql`call fails_behind(${id})`;
    const trx = async (where: string) => {
      // Who asks more often is told the same again and again.
      await pause(150);
      return (await stage.ask(`select 1 from information_schema.innodb_trx where ${where}`)).length;
    };

    before(async () => {
      const fail = "signal sqlstate '45000' set message_text = 'enough'";
      await stage.ask(`create procedure fails_behind(n int) begin insert into note values (n, ''); ${fail}; end`);
      await stage.ask(
        `create procedure commits_and_fails(n int) begin insert into note values (n, ''); commit; ${fail}; end`,
      );
      await stage.ask(
        "create procedure commits(n int) begin start transaction; insert into note values (n, ''); commit; end",
      );
      // Stopped, a sleep ends and is no error.
      const long = `select count(*) into counted from ${ENDLESS} cross join ${sequence(2_000, 'most')}`;
      await stage.ask(
        `create procedure waits(n int) begin declare counted bigint; insert into note values (n, ''); ${long}; end`,
      );
      await stage.ask(
        "create procedure changes(n int) begin insert into note values (n, ''); update note set body = 'x' where id < 3 order by id; end",
      );
    });

    it('are undone whole where it fails', async () => {
      expect(await rejection(pool.run(failing(1)))).to.include({ outcome: 'not-committed', errno: 1644 });
      expect(await bodies()).to.deep.equal([]);
    });

    it('are undone whole where it is timed out or given up', async () => {
      const late = await rejection(pool.run(sql`call waits(${1})`, { timeout: 200 }));
      expect(late).to.include({ outcome: 'not-committed', code: 'OFFTHREAD_TIMEOUT' });
      const controller = new AbortController();
      const given = rejection(pool.run(sql`call waits(${2})`, { signal: controller.signal }));
      await until(async () => (await trx('true')) > 0);
      controller.abort(new Error('enough'));
      expect((await given).message).to.equal('enough');
      expect(await bodies()).to.deep.equal([]);
    });

    it('run again from its start where they are rolled back, so that nothing is done twice', async () => {
      await stage.ask("insert into note values (1, ''), (2, '')");
      // Whoever has changed more is not the one that is rolled back.
      await stage.ask(`create table ballast as select seq from ${sequence(5_000)}`);
      const other = await stage.connect();
      await other.query('begin');
      await other.query('update ballast set seq = seq + 1');
      await other.query("update note set body = 'other' where id = 2");
      const call = pool.run(sql`call changes(${3})`, { report: true });
      await until(async () => (await trx("trx_state = 'LOCK WAIT'")) > 0);
      await other.query("update note set body = 'other' where id = 1");
      await other.query('commit');
      await other.end();
      expect((await call).report.attempts).to.equal(2);
      expect(await bodies()).to.deep.equal([
        [1, 'x'],
        [2, 'x'],
        [3, ''],
      ]);
    });

    it('may be committed by the procedure itself', async () => {
      await pool.run(sql`call commits(${1})`);
      expect(await bodies()).to.deep.equal([[1, '']]);
    });

    it('are not said to be undone where it has committed and then failed', async () => {
      expect(await rejection(pool.run(sql`call commits_and_fails(${1})`))).to.include({
        outcome: 'unknown',
        errno: 1644,
      });
      expect(await bodies()).to.deep.equal([[1, '']]);
    });

    it('are not said to be undone where there is none, as the call asks for', async () => {
      const options = { transaction: false } as const;
      expect(await rejection(pool.run(failing(1), options))).to.include({ outcome: 'unknown', errno: 1644 });
      const stopped = await rejection(pool.run(sql`call waits(${2})`, { ...options, timeout: 200 }));
      expect(stopped).to.include({ outcome: 'unknown' });
      expect(await bodies()).to.deep.equal([
        [1, ''],
        [2, ''],
      ]);
    });
  });

  it('that read cannot write by a function either, alone or with others', async () => {
    await stage.ask(
      "create function added_one(n int) returns int deterministic modifies sql data begin insert into note values (n, ''); return n; end",
    );
    await stage.ask('create function next_one(n int) returns int deterministic no sql return n + 1');
    const call = () => rejection(pool.run(sql`select added_one(${1}) as id`));
    for (const error of [await call(), ...(await Promise.all([call(), call(), call(), call()]))])
      expect(error).to.include({ kind: 'read-only', outcome: 'not-committed' });
    expect(await bodies()).to.deep.equal([]);
    expect(await pool.run(sql`select next_one(${1}) as id`)).to.deep.equal([{ id: 2 }]);
  });

  it("'read committed' sees what others commit meanwhile, and 'repeatable read' does not", async () => {
    for (const [isolation, seen] of [
      ['read committed', [0, 1]],
      ['repeatable read', [0, 0]],
    ] as const) {
      await stage.clear();
      const gate = new Gate();
      const counting = pool.run('countTwice', [gate.buffer], { isolation });
      await gate.reached();
      await pool.run('add', [1]);
      gate.open();
      expect(await counting).to.deep.equal(seen);
    }
  });

  it('leave nothing behind for the next unit of their lane', async () => {
    const own = await stage.open({ threads: 1 });
    const id = await own.run('connectionId');
    expect(await own.run('leftovers')).to.deep.equal(CLEAN);
    for (const name of ['leaveVariables', 'leaveTable', 'leaveLock', 'leaveDatabase'] as const) {
      await own.run(name);
      expect(await own.run('leftovers'), name).to.deep.equal(CLEAN);
    }
    expect(await rejection(own.run('leaveTransaction'))).to.include({
      name: 'TransactionLostError',
      outcome: 'unknown',
    });
    expect(await own.run('leftovers')).to.deep.equal(CLEAN);
    expect(await own.run('connectionId')).to.equal(id);
    expect(await stage.ids()).to.deep.equal([]);
    await own.run(sql`set @mine = 5`);
    expect(await own.run(sql`select @mine as mine`)).to.deep.equal([{ mine: null }]);
    await own.close();
  });
});

const CLEAN = {
  mine: null,
  mode: true,
  lock: 1,
  zone: '+00:00',
  level: 'REPEATABLE-READ',
  database: 'fault',
  tables: 0,
};
