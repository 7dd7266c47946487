import { expect } from 'chai';
import { rejection } from './rejection.js';
import { Stage } from './stage.js';

describe('a lane that loads Kysely for the first query that it builds', () => {
  const stage = new Stage();
  after(() => stage.remove());

  it('is not taken for one that hangs', async () => {
    const file = stage.connect();
    file.exec('create table note (id integer primary key, body text)');
    file.close();
    const pool = await stage.open({ setup: new URL('./slow-loader.js', import.meta.url) });
    const error = await rejection(pool.run('has', [1], { timeout: 50 }));
    expect(error).to.include({ name: 'TimeoutError', outcome: 'not-committed' });
    expect(await pool.run('has', [1])).to.equal(false);
    expect(pool.stats()).to.include({ lanesLost: 0, lanesRetired: 0 });
  });
});
