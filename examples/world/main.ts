import { deepStrictEqual } from 'node:assert';
import { performance } from 'node:perf_hooks';
import { sql } from 'offthread';
import { openSession } from 'offthread/orm';
import { conclusion, table } from './report.js';
import { inFlight, oneByOne } from './trial.js';
import { countryPage, visit } from './units.js';
import { makeWorld, openWorld } from './world.js';

const WIDTH = 64; // calls in flight
const TRIAL = Number(process.argv[3] ?? 5_000); // milliseconds that the plain pages shall take
const VISITS = 2_000; // eight of each country

const file = await makeWorld(process.argv[2]);
await using pool = await openWorld(file);
using session = openSession(`sqlite:${file}`);

// The same units both ways: called here as the plain functions that they are, or sent to the pool.
const plainPage = (code: string) => session.call(countryPage, code);
const pooledPage = (code: string) => pool.units.countryPage(code);
const plainVisit = (code: string) => session.call(visit, code);
const pooledVisit = (code: string) => pool.units.visit(code);

const codes = (await pool.run(sql<{ code: string }>`select code from country order by code`)).map(({ code }) => code);

const neighbours = await pool.units.understood('BE');
const talks = neighbours.map(({ name, languages }) => `${name} (${languages.join(', ')})`);
console.log(`Belgium can talk to ${talks.join(', ')}.`);
const currency = await pool.units.commonestCurrency();
console.log(
  `More countries pay with the ${currency?.name} than with anything else: ${currency?.countries} of ${codes.length}.\n`,
);

// A first round that does not count: it warms both ways up, and shows that they answer the same.
const pages = await Promise.all(codes.map(pooledPage));
const start = performance.now();
deepStrictEqual(pages, codes.map(plainPage));
const rounds = Math.max(1, Math.round(TRIAL / (performance.now() - start)));

const readers = repeat(codes, rounds);
const visitors = repeat(codes, VISITS / codes.length);
console.log(
  `${readers.length} pages and ${visitors.length} durable writes: plain calls one by one, the pool with ${WIDTH} in flight.\n` +
    'The delay is how late a timer of the main thread was meanwhile.\n',
);

const comparisons = [
  {
    what: 'a country’s page',
    plain: await oneByOne(readers, plainPage),
    pooled: await inFlight(WIDTH, readers, pooledPage),
  },
  {
    what: 'a durable write',
    plain: await oneByOne(visitors, plainVisit),
    pooled: await inFlight(WIDTH, visitors, pooledVisit),
  },
];
console.log(`${table(comparisons)}\n\n${conclusion(comparisons)}`);

function repeat<T>(items: T[], times: number): T[] {
  return Array.from({ length: times }, () => items).flat();
}
