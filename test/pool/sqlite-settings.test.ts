import { expect } from 'chai';
import { type DatabaseError, sql } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

const units = new URL('./plain-units.js', import.meta.url);

describe('a setting of SQLite', () => {
  for (const [synchronous, level] of [
    ['NORMAL', 1],
    ['EXTRA', 3],
  ] as const) {
    it(`synchronous: ${synchronous} is level ${level} on the connection that writes`, async () => {
      await using shop = new Shop();
      const pool = await shop.open({ units, sqlite: { synchronous } });
      expect(await pool.run('pragmaOfWriter', ['synchronous'])).to.equal(level);
    });
  }

  it('is FULL where nobody says otherwise, whatever stands on Object.prototype', async () => {
    await using shop = new Shop();
    const polluted = Object.prototype as { synchronous?: string };
    try {
      polluted.synchronous = 'OFF';
      const pool = await shop.open({ units });
      expect(await pool.run('pragmaOfWriter', ['synchronous'])).to.equal(2);
    } finally {
      delete polluted.synchronous;
    }
  });

  it('is the write-ahead log for files and none in memory, and foreign keys that are checked', async () => {
    await using shop = new Shop();
    const onFile = await shop.open({ units });
    expect(await onFile.run('pragma', ['journal_mode'])).to.equal('wal');
    expect(await onFile.run('pragmaOfWriter', ['foreign_keys'])).to.equal(1);
    const inMemory = await shop.open({ units, database: 'sqlite::memory:' });
    expect(await inMemory.run('pragma', ['journal_mode'])).to.equal('memory');
  });

  it('busyTimeout ends the wait for a lock that is held for longer', async () => {
    await using shop = new Shop();
    const pool = await shop.open({ sqlite: { busyTimeout: 60 } });
    shop.outside.exec('begin immediate');
    const error = (await failureOf(pool.run(sql`delete from address`))) as unknown as DatabaseError;
    shop.outside.exec('rollback');
    expect(error.message).to.equal(
      'database is locked (SQLITE_BUSY)\n  It was waited for busyTimeout = 60 ms: hold locks for less, or raise sqlite.busyTimeout.',
    );
    expect(error).to.include({ name: 'DatabaseError', kind: 'busy', retryable: true, outcome: 'not-committed' });
    expect(await pool.run(sql`delete from address`)).to.include({ changes: 2 });
  });

  it('busyTimeout outlives a lock that is let go in time', async () => {
    await using shop = new Shop();
    const pool = await shop.open({ sqlite: { busyTimeout: 15_000 } });
    shop.outside.exec('begin immediate');
    const deleted = pool.run(sql`delete from address`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    shop.outside.exec('rollback');
    expect(await deleted).to.include({ changes: 2 });
  });
});
