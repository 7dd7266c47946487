import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { context, propagation } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import { createTables, openSession } from 'offthread/orm';
import * as entities from '../../examples/observability/entities.js';
import { watchLanes } from '../../examples/observability/lanes.js';
import { openLibrary } from '../../examples/observability/logging.js';
import { explain } from '../../examples/observability/report.js';
import { watchQueries } from '../../examples/observability/slow-queries.js';
import { startTracing } from '../../examples/observability/telemetry.js';
import { Scratch } from '../scratch.js';
import { Page, root } from './page.js';

const page = new Page('docs/observability.md');

describe('The page about observability', () => {
  const lines: string[] = [];
  let scratch: Scratch;
  let pool: Awaited<ReturnType<typeof openLibrary>>;
  const stream = () =>
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
  before(async () => {
    scratch = new Scratch();
    const database = `sqlite:${scratch.file('library.db')}`;
    using session = openSession(database);
    session.transaction((within) => createTables(within, entities));
    pool = await openLibrary(database, stream());
  });
  beforeEach(async () => {
    const own = scratch.open({}, 'library.db');
    own.exec('delete from book; delete from author');
    own.close();
    await pool.run('addAuthor', ['Ada', 'One', 'Two']);
  });
  after(async () => {
    await pool.close();
    scratch.remove();
  });

  it('shows each of its programs', () => {
    const shown = new Set(page.blocks.map(({ file }) => file.replace('examples/observability/', '')));
    expect([...shown].sort()).to.deep.equal(
      readdirSync(join(root, 'examples/observability'))
        .filter((name) => name !== 'entities.ts')
        .sort(),
    );
  });

  it('names every kind of what is published, reported and counted', async () => {
    const { report } = await pool.run('shelf', [], { report: true });
    const { lanes, waits, ...stats } = pool.stats();
    for (const name of [...Object.keys(report), ...Object.keys(waits), 'groups', 'oldestWait', 'current'])
      expect(page.text, name).to.match(new RegExp(`\\b${name}\\b`));
    expect(stats).to.include.keys('groups', 'oldestWait');
    expect(lanes[0]).to.include.keys('served', 'state');
  });

  it('reports what a call took', async () => {
    expect(await explain(pool)).to.match(
      /^1 line: 2 queries, 1 lazy load, 3 rows, 1 attempt, waited [\d.]+ ms, ran [\d.]+ ms$/,
    );
  });

  it('tells of queries that take long', async () => {
    const told: string[] = [];
    const stop = watchQueries(0, (sentence) => told.push(sentence));
    await pool.run('shelf');
    stop();
    await pool.run('shelf');
    expect(told).to.have.length(2);
    expect(told[1]).to.match(/^the unit 'shelf': select .* from "book" .*\(2 rows\)$/);
  });

  it('logs by pino', async () => {
    await (await openLibrary('sqlite::memory:', stream())).close();
    const events = lines.map((line) => JSON.parse(line).event);
    expect(events).to.include.members(['opened', 'closed']);
  });

  it('tells of lanes that are lost', async () => {
    const told: string[] = [];
    const stop = watchLanes((sentence) => told.push(sentence));
    // A file that is no database cannot be opened.
    const pool = await openLibrary(`sqlite:${fileURLToPath(import.meta.url)}`, stream()).catch(() => undefined);
    stop();
    expect(pool).to.equal(undefined);
    expect(told).to.have.length(1);
    expect(told[0]).to.match(/observability-page\.test\.js: (both|writer) failed$/);
  });

  it('traces calls and their queries, and units know their trace', async () => {
    const spans = new InMemorySpanExporter();
    const stop = startTracing(new SimpleSpanProcessor(spans));
    try {
      const { imported, traceparent } = await pool.run('importBooks', [['Three']]);
      expect(imported).to.equal(1);
      const [select, ...others] = spans.getFinishedSpans();
      expect(select?.name).to.equal('select "author"');
      const call = others.find(({ name }) => name === 'unit importBooks');
      expect(select?.parentSpanContext?.spanId).to.equal(call?.spanContext().spanId);
      expect(traceparent?.split('-')[2]).to.equal(call?.spanContext().spanId);
    } finally {
      stop();
      context.disable();
      propagation.disable();
    }
  });
});
