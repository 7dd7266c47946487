// Prints the stacks of calls that fail.
import { createPool, sql } from 'offthread';

const pool = await createPool({
  database: 'sqlite::memory:',
  units: new URL('./stack-units.js', import.meta.url),
});
const wrapped = pool.wrap<typeof import('./stack-units.js')>(new URL('./stack-units.js', import.meta.url));
const calls = [
  () => pool.run(sql`select * from nowhere`),
  () => pool.run('throwing'),
  () => pool.run('inSavepoint'),
  () => pool.run('failingQuery'),
  () => pool.run('nobody'),
  () => wrapped.throwing(null as never),
];
const stacks: unknown[] = [];
for (const call of calls) {
  try {
    await call();
  } catch (error) {
    stacks.push((error as Error).stack);
  }
}
await pool.close();
console.log(JSON.stringify(stacks));
