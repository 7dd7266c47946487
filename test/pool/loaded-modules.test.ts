import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createPool, type Pool, type PoolOptions, sql } from 'offthread';
import { Scratch } from '../scratch.js';

/** Which of these a lane of such a pool has loaded, when that was done. */
async function loaded(
  options: Omit<PoolOptions, 'database'>,
  work: (pool: Pool) => unknown = () => {},
): Promise<string[]> {
  const scratch = new Scratch();
  const list = scratch.file('loaded');
  const pool = await createPool({
    database: 'sqlite::memory:',
    execArgv: ['--import', new URL('./recorder.js', import.meta.url).href],
    env: { ...process.env, OFFTHREAD_TEST_LOADED: list },
    ...options,
  });
  await work(pool);
  await pool.close();
  const urls = readFileSync(list, 'utf8').trim().split('\n');
  scratch.remove();
  const sources = urls.flatMap(sourcesOf);
  return ['/connection/sqlite.ts', '/connection/mysql/', '/node_modules/kysely/', '/lib/orm/session.ts'].filter(
    (part) => sources.some((source) => source.includes(part)),
  );
}

/** A file of the library is made of many. */
function sourcesOf(url: string): string[] {
  const map = url.startsWith('file:') ? new URL(`${url}.map`) : undefined;
  return map && existsSync(map) ? JSON.parse(readFileSync(map, 'utf8')).sources : [url];
}

describe('a lane', () => {
  it('without units loads neither Kysely nor the unit of work, which take longer than all the rest', async () => {
    expect(await loaded({})).to.deep.equal(['/connection/sqlite.ts']);
  });

  const plain = new URL('../lanes/plain-units.js', import.meta.url);

  it('with units loads the unit of work, and no Kysely before a query is built', async () => {
    const seen: unknown[] = [];
    const paths = await loaded({ units: plain }, async (pool) => {
      await pool.run(sql`select ${1}`);
      await pool.run('text');
      seen.push(await pool.run('hasKysely'));
      expect(await pool.run('built')).to.deep.equal([{ one: 1 }]);
      seen.push(await pool.run('hasKysely'));
    });
    expect(paths).to.include('/lib/orm/session.ts').and.not.include('/node_modules/kysely/');
    expect(seen).to.deep.equal([false, true]);
  });

  it('whose units have entities has loaded Kysely when it is open: the first of them has as long as any other', async () => {
    const units = new URL('../lanes/entity-units.js', import.meta.url);
    await loaded({ units }, async (pool) => expect(await pool.run('hasKysely')).to.equal(true));
  });
});
