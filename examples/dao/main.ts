// A module that blocks, made to block somewhere else: how late the event loop is at each step of docs/wrap.md.
import { deepStrictEqual } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createPool } from 'offthread';
import { Heartbeat } from '../world/heartbeat.js';
import type { Purchase } from './dao.js';
import { blocking, type Shop, units, wrapped } from './steps.js';

const LOADED = Number(process.argv[2] ?? 5_000); // purchases in the file that is imported
const PAGES = Number(process.argv[3] ?? 400); // pages that are asked for meanwhile
const CALLERS = 4;
const CUSTOMERS = 50;
const EACH = 40; // purchases of each of them

const folder = mkdtempSync(join(tmpdir(), 'offthread-dao-'));
const file = join(folder, 'shop.db');
const purchases = join(folder, 'purchases.jsonl');
process.env.SHOP_FILE = file; // where the module looks, on whatever thread

const purchase = (customerId: number, day: string): Purchase => ({
  customerId,
  day,
  lines: ['tea', 'milk', 'bread', 'salt'].map((article, i) => ({ article, cents: 100 + 10 * i })),
});

try {
  await fill();
  console.log(`${PAGES} pages, ${CALLERS} at a time, while ${LOADED} purchases are imported. Milliseconds.\n`);
  console.log(row('', 'import', 'page, median', 'slowest', 'loop late, p99', 'at worst'));
  const answers: unknown[] = [];
  answers.push(await measure('blocking', await blocking()));
  answers.push(await measure('wrapped', await wrapped(1)));
  answers.push(await measure('wrapped, 3 lanes', await wrapped(3)));
  answers.push(await measure('units', await units(file)));
  for (const answer of answers) deepStrictEqual(answer, answers[0]);
  console.log('\nEach step answered the same.');
} finally {
  rmSync(folder, { recursive: true });
}

/** With the module itself, on a thread of its own: what it opened is closed with that. */
async function fill(): Promise<void> {
  await using pool = await createPool({});
  const dao = pool.wrap<typeof import('./dao.js')>(new URL('./dao.js', import.meta.url));
  for (let id = 1; id <= CUSTOMERS + 1; id++) {
    await dao.register(`customer ${id}`);
    for (let i = 0; id <= CUSTOMERS && i < EACH; i++) await dao.record(purchase(id, `day ${i}`));
  }
  const lines = Array.from({ length: LOADED }, () => JSON.stringify(purchase(CUSTOMERS + 1, 'yesterday')));
  writeFileSync(purchases, lines.join('\n'));
}

async function measure(step: string, opened: Shop): Promise<unknown> {
  await using shop = opened;
  const answers = [await shop.page(1), await failure(shop.page(-1))]; // the first call starts what it needs
  await shop.buy(CUSTOMERS + 1, 'today');
  const waits: number[] = [];
  const ids = Array.from({ length: PAGES }, (_, i) => 1 + (i % CUSTOMERS)).values();
  const caller = async () => {
    for (const id of ids) {
      await setImmediate(); // a request comes by the event loop
      const start = performance.now();
      await shop.page(id);
      waits.push(performance.now() - start);
    }
  };
  using heartbeat = new Heartbeat();
  const start = performance.now();
  let told = 0;
  const loading = shop.importFile(purchases, (done) => (told = done)).then(() => performance.now() - start);
  await Promise.all(Array.from({ length: CALLERS }, caller));
  const loaded = await loading;
  if (told < LOADED - 500) throw new Error(`only ${told} of ${LOADED} were told`);
  const { p99, max } = heartbeat.delay();
  waits.sort((a, b) => a - b);
  const figures = [loaded, waits[waits.length >> 1] ?? 0, waits.at(-1) ?? 0, p99, max].map((each) => each.toFixed(1));
  console.log(row(step, ...figures));
  return answers;
}

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error) => ({ message: error.message, id: error.id, class: error.constructor.name }));
}

function row(step: string, ...cells: string[]): string {
  return [step.padEnd(18), ...cells.map((cell) => cell.padStart(15))].join('').trimEnd();
}
