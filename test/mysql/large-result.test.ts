import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { sql } from 'offthread';
import type { MysqlConnection } from '../../lib/connection/mysql/mysql.js';
import { DatabaseError, TooManyRowsError } from '../../lib/errors.js';
import type { RawTable } from '../../lib/wire/answer.js';
import { IntegerColumn } from '../../lib/wire/integer-column.js';
import { readTexts, TextColumn } from '../../lib/wire/text-column.js';
import { FULL_TABLE } from '../../lib/wire/weight.js';
import { MysqlStage } from '../lanes/mysql-stage.js';
import type { Notes } from '../lanes/stage.js';
import { failureOf } from '../pool/failure.js';
import { Connections, change, rowsOf } from './connections.js';
import { sequence } from './sequence.js';

const MANY = 80_000;

/** What a lane would send of a column. */
function cellsOf(column: RawTable['cells'][number]): ArrayLike<unknown> {
  if (column instanceof TextColumn) return readTexts(column.finish());
  return column instanceof IntegerColumn ? column.finish() : column;
}

describe('a large result of a server', function () {
  this.timeout(60_000);

  describe('on a connection', () => {
    let connections: Connections;
    let db: MysqlConnection;

    before(async () => {
      connections = await Connections.make('large');
      db = connections.open({ maxRows: MANY });
    });
    after(() => connections.close());

    it('is read in parts, as it comes, by column', () => {
      const name = "case seq % 4 when 0 then null when 1 then concat('grün 🙂 ', seq) else concat('row ', seq) end";
      const statement = db.prepare(`select seq, ${name} as name from ${sequence(MANY)}`);
      const parts: number[] = [];
      const all: unknown[] = [];
      const take = ({ columns, cells, count }: RawTable) => {
        expect(columns).to.deep.equal(['seq', 'name']);
        const read = cells.map(cellsOf);
        expect(read.map(({ length }) => length)).to.deep.equal([count, count]);
        parts.push(count);
        for (let i = 0; i < count; i++) all.push(read.map((column) => column[i]));
      };
      const rest = statement.read([], take);
      // Few at first, and then as many as a message takes.
      expect(parts).to.deep.equal([64, FULL_TABLE / 2]);
      for (const part of rest) take(part);
      expect(parts).to.deep.equal([64, FULL_TABLE / 2, MANY - 64 - FULL_TABLE / 2]);
      expect(all).to.deep.equal(statement.all([]));
    });

    it('gives what fills a message while the server still works on the rest', () => {
      const other = connections.open();
      expect(rowsOf(other, "select get_lock('gate', 0)")).to.deep.equal([[1]]);
      const gate = `if(seq = ${MANY}, get_lock('gate', 5), 0)`;
      const rest = db
        .prepare(`select seq, ${gate} as passed from ${sequence(MANY)}`)
        .read([], () => rowsOf(other, "select release_lock('gate')"));
      const [, passed = []] = rest.at(-1)?.cells ?? [];
      expect(Array.from(cellsOf(passed)).at(-1)).to.equal(1);
      rowsOf(db, "select release_lock('gate')");
    });

    it('gives nothing of one that ends in an error before that, so that it can be asked for again', () => {
      const broken = `select seq, if(seq = 1000, (select 1 union select 2), 0) as bad from ${sequence(1_000)}`;
      const given: RawTable[] = [];
      const read = () => db.prepare(broken).read([], (part) => given.push(part));
      expect(read).to.throw(DatabaseError).with.property('code', 'ER_SUBQUERY_NO_1_ROW');
      expect(given).to.deep.equal([]);
    });

    it('has integers of 32 bits up to their ends, and each NULL among them', () => {
      change(db, 'create table number (id int not null, least int not null, most int not null, some int)');
      change(
        db,
        `insert into number select seq, -2147483648, 2147483647, nullif(seq % 5000, 0) from ${sequence(20_000)}`,
      );
      const statement = db.prepare('select id, least, most, some from number order by id');
      const parts: RawTable[] = [];
      const rest = statement.read([], (part) => parts.push(part));
      parts.push(...rest);
      const columns = [0, 1, 2, 3].map((i) => parts.flatMap(({ cells }) => Array.from(cellsOf(cells[i] ?? []))));
      const rows = Array.from({ length: 20_000 }, (_, i) => columns.map((column) => column[i]));
      expect(rows).to.deep.equal(statement.all([]));
      expect(rows[4_999]).to.deep.equal([5_000, -(2 ** 31), 2 ** 31 - 1, null]);
    });

    it('is whole at each number of rows around that of a part', () => {
      const statement = connections.open().prepare(`select seq from ${sequence(2 * FULL_TABLE)} where seq <= ?`);
      const full = 64 + FULL_TABLE;
      for (const many of [0, 1, 63, 64, 65, full - 1, full, full + 1]) {
        const parts: RawTable[] = [];
        const rest = statement.read([many], (part) => parts.push(part));
        parts.push(...rest);
        const all = parts.flatMap(({ cells: [cells = []] }) => Array.from(cellsOf(cells)));
        expect(all).to.deep.equal(Array.from({ length: many }, (_, i) => i + 1));
        expect(parts.map(({ count }) => count)).not.to.include(0);
      }
    });

    it('is refused where it has more rows than maxRows, and the connection serves on', () => {
      let count = 0;
      const many = `select seq, seq as again from ${sequence(MANY + 1)}`;
      const read = () => db.prepare(many).read([], (part) => (count += part.count));
      expect(read).to.throw(TooManyRowsError);
      expect(count).to.equal(64 + FULL_TABLE / 2);
      expect(rowsOf(db, 'select 1')).to.deep.equal([[1]]);
    });
  });

  describe('of a pool', () => {
    let stage: MysqlStage;
    let pool: Notes;

    before(async () => {
      stage = await MysqlStage.make();
      pool = await stage.open();
    });
    after(() => stage.remove());

    it('arrives whole and in its order', async () => {
      const rows = (await pool.run(sql.raw(`select seq from ${sequence(MANY)}`))) as { seq: number }[];
      expect(rows).to.have.length(MANY);
      expect(rows.every(({ seq }, i) => seq === i + 1)).to.equal(true);
    });

    const query = `select seq, case seq % 6
      when 0 then null when 1 then '' when 2 then 'short' when 3 then concat('longer than that ', seq)
      when 4 then concat('grün 🙂 ', seq) else repeat('so long ', 40) end as text,
      concat('é', seq) as other from ${sequence(9_000)}`;
    const textOf = (seq: number) =>
      [null, '', 'short', `longer than that ${seq}`, `grün 🙂 ${seq}`, 'so long '.repeat(40)][seq % 6];
    const expected = Array.from({ length: 9_000 }, (_, i) => ({ seq: i + 1, text: textOf(i + 1), other: `é${i + 1}` }));

    it('has each of its texts as it is: NULL, empty, short, long, and of letters beyond ASCII', async () => {
      expect(await pool.run(sql.raw(query))).to.deep.equal(expected);
    });

    it('has them also where the running V8 does not read what is put together of them', async () => {
      const strange = fileURLToPath(new URL('./strange-v8.cjs', import.meta.url));
      const program = fileURLToPath(new URL('./texts-program.js', import.meta.url));
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--require', strange, program, stage.url, query],
        { maxBuffer: 1 << 24 },
      );
      expect(JSON.parse(stdout)).to.deep.equal(expected);
    });

    it('has texts of many megabytes', async () => {
      const long = `select repeat('größe ', 700000) as text union all select seq from ${sequence(200)}`;
      const [first, ...others] = (await pool.run(sql.raw(long))) as { text: string }[];
      expect(first?.text).to.equal('größe '.repeat(700_000));
      expect(others).to.deep.equal(Array.from({ length: 200 }, (_, i) => ({ text: `${i + 1}` })));
    });

    it('that ends in an error is that error, and nothing of it is in the next one', async () => {
      const broken = sql.raw(
        `select seq, if(seq = ${MANY}, (select 1 union select 2), 0) as bad from ${sequence(MANY)}`,
      );
      expect(await failureOf(pool.run(broken))).to.include({ code: 'ER_SUBQUERY_NO_1_ROW' });
      expect(await pool.run(sql`select 1 as one`)).to.deep.equal([{ one: 1 }]);
    });

    it('that is given up in the middle is not in the next one either', async () => {
      const controller = new AbortController();
      const given = pool.run(sql.raw(`select seq from ${sequence(900_000)}`), { signal: controller.signal });
      const others = Array.from({ length: 3 }, () => pool.run(sql`select 1 as one`));
      setTimeout(() => controller.abort(new Error('enough')), 60);
      expect((await failureOf(given)).message).to.equal('enough');
      for (const other of others) expect(await other).to.deep.equal([{ one: 1 }]);
      expect(await pool.run(sql`select 2 as two`)).to.deep.equal([{ two: 2 }]);
      expect(pool.stats().lanesLost).to.equal(0);
    });
  });
});
