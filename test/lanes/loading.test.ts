import { expect } from 'chai';
import type { Pool } from 'offthread';
import { rejection } from './rejection.js';
import { Stage } from './stage.js';

describe('a lane that loads Kysely for the first query that it builds', () => {
  const stage = new Stage();
  after(() => stage.remove());

  it('is not taken for one that hangs', async () => {
    const pool = (await stage.open({
      units: new URL('./plain-units.js', import.meta.url),
      setup: new URL('./slow-loader.js', import.meta.url),
    })) as unknown as Pool;
    const error = await rejection(pool.run('built', [], { timeout: 50 }));
    expect(error).to.include({ name: 'TimeoutError', outcome: 'not-committed' });
    expect(await pool.run('built')).to.deep.equal([{ one: 1 }]);
    expect(pool.stats()).to.include({ lanesLost: 0, lanesRetired: 0 });
  });
});
