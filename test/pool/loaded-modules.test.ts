import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createPool, type PoolOptions } from 'offthread';
import { Scratch } from '../scratch.js';

/** Which of these a lane of such a pool has loaded. */
async function loaded(options: Omit<PoolOptions, 'database'>): Promise<string[]> {
  const scratch = new Scratch();
  const list = scratch.file('loaded');
  const pool = await createPool({
    database: 'sqlite::memory:',
    execArgv: ['--import', new URL('./recorder.js', import.meta.url).href],
    env: { ...process.env, OFFTHREAD_TEST_LOADED: list },
    ...options,
  });
  await pool.close();
  const urls = readFileSync(list, 'utf8');
  scratch.remove();
  return ['/connection/sqlite.js', '/connection/mysql/', '/node_modules/kysely/', '/lib/orm/session.js'].filter(
    (part) => urls.includes(part),
  );
}

describe('a lane', () => {
  it('without units loads neither Kysely nor the unit of work, which take longer than all the rest', async () => {
    expect(await loaded({})).to.deep.equal(['/connection/sqlite.js']);
  });

  it('with units loads both', async () => {
    const units = new URL('./units.js', import.meta.url);
    expect(await loaded({ units })).to.include.members(['/node_modules/kysely/', '/lib/orm/session.js']);
  });
});
