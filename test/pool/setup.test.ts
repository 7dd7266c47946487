import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

const units = new URL('./plain-units.js', import.meta.url);
const at = (name: string) => new URL(`./setups/${name}.js`, import.meta.url);
const rule = 'It must export a synchronous default function (connection, { dialect, role }).';

describe('a setup module', () => {
  for (const [form, setup] of [
    ['a URL', at('functions')],
    ["a URL's text", at('functions').href],
    ['an absolute path', fileURLToPath(at('functions'))],
  ] as const) {
    it(`may be given as ${form}, and is told that the one lane for everything is the writer`, async () => {
      await using shop = new Shop();
      const pool = await shop.open({ setup });
      expect(await pool.run(sql`select served_by() as answer`)).to.deep.equal([{ answer: 'sqlite writer' }]);
    });
  }

  it('runs on each connection, with its dialect and role, and its functions serve reads and writes', async () => {
    await using shop = new Shop();
    const pool = await shop.open({ setup: at('functions'), threads: 2 });
    const question = () => sql`select served_by() as answer, double(${21}) as doubled`;
    expect(await pool.run(question())).to.deep.equal([{ answer: 'sqlite reader', doubled: 42 }]);
    // A list that may write goes to the writer.
    const [, answer] = await pool.run([sql`delete from address where 0`, question()]);
    expect(answer).to.deep.equal([{ answer: 'sqlite writer', doubled: 42 }]);
    expect(await pool.run(sql`select item from basket`)).to.deep.equal([{ item: 'pear' }, { item: 'plum' }]);
    expect(await pool.run(sql`update user set coins = double(id)`)).to.include({ changes: 2 });
    expect(await pool.run(sql`select coins from user`)).to.deep.equal([{ coins: 2 }, { coins: 4 }]);
  });

  for (const [name, reason] of [
    ['throwing', 'threw SqliteError: no such table: no_such_table'],
    ['asynchronous', 'returned a promise'],
    ['nameless', 'has no default function'],
  ] as const) {
    it(`that ${reason} is an error that names it`, async () => {
      await using shop = new Shop();
      const error = await failureOf(shop.open({ setup: at(name) }));
      expect(error.message).to.equal(`The setup module ${at(name).href} ${reason} (writer connection). ${rule}`);
      expect(error).to.include({ name: 'SetupError', code: 'OFFTHREAD_SETUP', role: 'writer', reason });
      if (name !== 'throwing') return;
      expect(error.cause).to.include({ message: 'no such table: no_such_table', code: 'SQLITE_ERROR' });
      expect((error.cause as Error).stack).to.include('setups/throwing.js');
    });
  }

  it('that is missing is an error that names it', async () => {
    await using shop = new Shop();
    const error = await failureOf(shop.open({ setup: at('missing') }));
    expect(error.message).to.match(/^The setup module file:.*\/setups\/missing\.js could not be imported \(Error/);
    expect(error).to.have.property('code', 'OFFTHREAD_SETUP');
    expect(error.cause).to.have.property('code', 'ERR_MODULE_NOT_FOUND');
  });

  it('holds as long as its connection, whatever a unit has done with that', async () => {
    await using shop = new Shop();
    const pool = await shop.open({ units, setup: at('functions') });
    await pool.run('leaveOpen').catch(() => {});
    expect(await pool.run([sql`select double(${4}) as doubled`, sql`select item from basket`])).to.deep.equal([
      [{ doubled: 8 }],
      [{ item: 'pear' }, { item: 'plum' }],
    ]);
  });
});

describe('a database in memory', () => {
  it('is the same for all calls, also after a unit has left an iterator of the raw connection open', async () => {
    await using shop = new Shop();
    const pool = await shop.open({ units, database: 'sqlite::memory:' });
    await pool.run(sql`create table kept (value)`);
    await pool.run(sql`insert into kept values (1)`);
    await pool.run('leaveOpen').catch(() => {});
    expect(await pool.run(sql`select value from kept`)).to.deep.equal([{ value: 1 }]);
  });
});
