// A process of its own that streams a million rows of 1 KB from the database of its argument, and prints how many they were and how
// much more memory it took for them at most: rows of both threads, on their way and in each heap.
import { setTimeout as pause } from 'node:timers/promises';
import { createPool, sql } from 'offthread';

const ROWS = 1_000_000;
const SIDE = 10;

const pool = await createPool({ database: process.argv[2] as string, threads: 2 });
await pool.run(sql`create table wide (id integer primary key, body text)`);
for (let id = 0; id < SIDE; id++) await pool.run(sql`insert into wide values (${id}, ${`${id}`.repeat(1_000)})`);
const rows = (most: number) =>
  sql<{ id: number; body: string }>`
    select a.id, f.body from wide a, wide b, wide c, wide d, wide e, wide f limit ${most}`;

// What there is to be loaded and compiled.
for await (const _ of pool.stream(rows(20_000)));
const before = process.memoryUsage.rss();
let most = before;
let count = 0;
let characters = 0;
for await (const { body } of pool.stream(rows(ROWS))) {
  characters += body.length;
  if (++count % 1_000 === 0) most = Math.max(most, process.memoryUsage.rss());
  // The lanes have the time to run ahead.
  if (count % 25_000 === 0) await pause(25);
}
console.log(JSON.stringify({ count, characters, more: most - before }));
await pool.close();
