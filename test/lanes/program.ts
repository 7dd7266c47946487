// A process of its own with a pool in it: what it does is said by its first argument, its database by its second.
import { writeSync } from 'node:fs';
import { createPool, sql } from 'offthread';
import type * as units from './units.js';

const [, , scenario, file, obstacle] = process.argv;
process.on('unhandledRejection', (reason) => console.log(`unhandled: ${reason}`));

const pool = await createPool<typeof units>({
  database: `sqlite:${file}`,
  units: new URL('./units.js', import.meta.url),
  setup: new URL('./setup.js', import.meta.url),
  threads: 1,
  env: { ...process.env, SETUP_FAILS_WITH: obstacle },
});
const tell = (call: Promise<unknown>) =>
  call.then(
    (value) => console.log(`${value}`),
    (error) => console.log(`${error.name}`),
  );
/** At once, and not when the event loop comes to it; again where whoever reads it has not made room. */
function print(row: number): void {
  for (;;) {
    try {
      return void writeSync(1, `${row}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

const scenarios: Record<string, () => unknown> = {
  printing: async () => {
    await pool.run('print', [1]);
    await pool.close();
    console.log('closed');
  },
  idle: async () => {
    await pool.run('add', [1]);
    console.log('idle');
  },
  'a stream is forgotten': async () => {
    await pool.run('add', [1]);
    const stream = pool.stream('streams.upTo', [5_000], { idleTimeout: 100 });
    console.log((await stream.next()).value);
  },
  // Nobody waits for these but the process itself.
  pending: () => {
    void tell(pool.run('sleepAndAdd', [1, 200]).then(() => 'written'));
    void tell(pool.run('death.exit', [2]));
    void tell(pool.run('death.loop', [3], { timeout: 100 }));
    void tell(pool.run('ids').then(() => 'read'));
  },
  'pending for a lane that opens again after a while': async () => {
    const { rmSync, writeFileSync } = await import('node:fs');
    writeFileSync(obstacle as string, '');
    await tell(pool.run('death.exit', [1]));
    setTimeout(() => rmSync(obstacle as string), 700);
    void tell(pool.run('add', [2]));
  },
  'destroyed over a statement that hangs, and fails in the end': async () => {
    const told = tell(pool.run('hazard.failSlowly', [2_000_000]));
    await new Promise((resolve) => setTimeout(resolve, 150));
    await pool.destroy();
    await told;
  },
  // Until it is killed.
  writing: async () => {
    for (let id = 1; ; id += 3) {
      const calls = [0, 1, 2].map((i) => pool.run('add', [id + i]).then((written) => console.log(`${written}`)));
      await Promise.all(calls);
    }
  },
  // Until it is killed: each list is two rows, or none.
  storm: async () => {
    let pairs = 0;
    const insert = (id: number) => sql`insert into note (id) values (${id})`;
    const caller = async () => {
      for (;;) {
        const pair = 2 * pairs++;
        await pool.run([insert(pair), insert(pair + 1)]);
        print(pair);
      }
    };
    await Promise.all(Array.from({ length: 64 }, caller));
  },
  // Each row has a mark that can be found again in what is written to the disk.
  marked: async () => {
    for (let round = 0; round < 20; round++) {
      const ids = Array.from({ length: 32 }, (_, i) => 32 * round + i);
      const calls = ids.map((id) => pool.run(sql`insert into note (id, body) values (${id}, ${`mark${id}.`})`));
      for (const [i, call] of calls.entries()) {
        await call;
        print(ids[i] as number);
      }
    }
  },
  'exits while a write waits for a lock': async () => {
    const { default: Database } = await import('better-sqlite3');
    const holder = new Database(file);
    holder.exec('begin immediate');
    void tell(pool.run('add', [1]));
    await new Promise((resolve) => setTimeout(resolve, 200));
    // It is still looked at here: a connection that is collected lets go of its lock.
    if (holder.inTransaction) console.log('exit');
    process.exit();
  },
};
await scenarios[scenario as string]?.();
