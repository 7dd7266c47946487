import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createPool, DatabaseError, type Pool, sql } from 'offthread';
import { type Failure, failureOf } from '../pool/failure.js';

const units = new URL('./stack-units.js', import.meta.url);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const lines = readFileSync(fileURLToPath(units), 'utf8').split('\n');
/** As a frame has it. */
const lineOf = (name: string) =>
  `stack-units.js:${lines.findIndex((line) => line.includes(`// the line of ${name}`)) + 1}:`;

const above = (error: Failure) => error.stack?.split('\n    -- called from --\n')[0] ?? '';
const below = (error: Failure) => error.stack?.split('\n    -- called from --\n')[1] ?? '';
/** Frames of the library and of what it is built on. */
const insides = (error: Failure) =>
  error.stack
    ?.split('\n')
    .filter(
      (frame) =>
        /^ +at /.test(frame) && /\/dist\/(lib|workers)\/|node_modules\/(piscina|better-sqlite3|kysely)\//.test(frame),
    );

describe('the stack of an error', () => {
  let pool: Pool;
  before(async () => {
    pool = await createPool({ database: 'sqlite::memory:', units });
  });
  after(() => pool.close());

  // Two functions that await each other, as a program has them: both are frames of the error.
  async function handler(call: () => Promise<unknown>): Promise<void> {
    await call();
  }
  async function server(call: () => Promise<unknown>): Promise<void> {
    await handler(call);
  }
  const failed = (call: () => Promise<unknown>) => failureOf(server(call));

  it('is told as far as a program lets it be one: the call is rejected all the same', async () => {
    const { prepareStackTrace } = Error;
    Error.prepareStackTrace = (_error, sites) => sites;
    try {
      expect(await failed(() => pool.run(sql`select * from nowhere`))).to.be.instanceOf(DatabaseError);
    } finally {
      Error.prepareStackTrace = prepareStackTrace;
    }
  });

  it('stays as it is where a program has frozen the error that several calls get', async () => {
    const lost = await createPool({ database: 'sqlite::memory:', units });
    await failureOf(lost.run('exiting'));
    const error = Object.freeze(await failureOf(lost.run(sql`select 1`)));

    expect(await failureOf(lost.run(sql`select 1`)))
      .to.be.instanceOf(Error)
      .and.have.property('name', error.name);
    await lost.destroy();
  });

  it('of a unit has its lines, then those of its callers, and nothing in between', async () => {
    for (const call of [
      async () => await pool.run('throwing'),
      async () => await pool.units.throwing?.(),
      async () => await pool.run([pool.plan('throwing')]),
      async () => await pool.with({ timeout: 10_000 }).run('throwing'),
    ]) {
      const error = await failed(call);
      const [title, first, second, ...others] = above(error).split('\n');
      expect(title).to.equal('Error: deep inside');
      expect(first)
        .to.match(/^ {4}at inner \(/)
        .and.include(lineOf('inner'));
      expect(second).to.include(lineOf('throwing'));
      expect(others).to.deep.equal([]);
      expect(below(error)).to.match(
        / at async handler \(.*stack\.test\.js:\d+.*\n.* at async server \(.*stack\.test\.js:/,
      );
      expect(insides(error)).to.deep.equal([]);
    }
  });

  it('of a unit that went through the library has its own lines', async () => {
    const error = await failed(async () => await pool.run('inSavepoint'));
    expect(above(error)).to.include(lineOf('inner')).and.include(lineOf('inSavepoint'));
    expect(below(error)).to.match(/ at async handler /);
    expect(insides(error)).to.deep.equal([]);
  });

  it('of a query in a unit has the line of the unit', async () => {
    const error = await failed(async () => await pool.run('failingQuery'));
    expect(above(error)).to.include('no such table: nowhere').and.include(lineOf('failingQuery'));
    expect(below(error)).to.match(/ at async handler /);
    expect(insides(error)).to.deep.equal([]);
  });

  it('of a reason to abort is left as it was', async () => {
    const reason = new Error('enough');
    const { stack } = reason;
    const controller = new AbortController();
    const pending = failed(async () => await pool.run(sql`select 1`, { signal: controller.signal }));
    controller.abort(reason);
    expect(await pending).to.equal(reason);
    expect(reason.stack).to.equal(stack);
  });

  for (const [what, call] of [
    ['a query', () => pool.run(sql`select * from nowhere`)],
    ['a list', () => pool.run([sql`select * from nowhere`])],
    ['a promise as result', () => pool.run('late')],
    ['a result that cannot cross', () => pool.run('notPortable')],
    ['an argument that cannot cross', () => pool.run('throwing', [() => 1])],
    ['an unknown unit', () => pool.run('nobody')],
    ['a bad option', () => pool.run('throwing', [], { timeout: 0 })],
    ['a timeout', () => pool.run('spin', [], { timeout: 20 })],
  ] as const) {
    it(`of ${what} has the callers, and none of the library's insides`, async () => {
      const error = await failed(async () => await call());
      expect(error.stack).to.match(
        / at (async )?handler \(.*stack\.test\.js:\d+.*\n.* at (async )?server \(.*stack\.test\.js:/,
      );
      expect(insides(error)).to.deep.equal([]);
    });
  }

  it('of a call that is refused at once has its callers once', async () => {
    const error = await failed(async () => await pool.run('nobody'));
    expect(error.stack?.match(/ at handler /g)).to.have.length(1);
  });

  it('of a pool that is gone has each caller, and not those before', async () => {
    const gone = await createPool({ database: 'sqlite::memory:', units });
    await failed(async () => await gone.run('exiting'));
    for (let i = 0; i < 3; i++) {
      const error = await failed(async () => await gone.run(sql`select 1`));
      expect(error.message).to.include('in-memory database');
      expect(error.stack?.split('-- called from --')).to.have.length(2);
    }
    await gone.close();
  });

  it("has none of the library's insides where Node maps stacks to sources either", () => {
    const program = fileURLToPath(new URL('./stack-program.js', import.meta.url));
    const stacks: string[] = JSON.parse(
      execFileSync(process.execPath, ['--enable-source-maps', program], { encoding: 'utf8' }),
    );
    expect(stacks).to.have.length(6);
    for (const stack of stacks) {
      expect(stack).to.include('stack-program.');
      for (const folder of ['lib', 'workers', 'dist/bundle']) expect(stack).to.not.include(`${root}${folder}/`);
    }
  });

  it('of createPool has its caller', async () => {
    const error = await failed(async () => await createPool({ database: 'sqlite:/no/such/directory/shop.db' }));
    expect(error.stack).to.match(/ at async handler \(.*stack\.test\.js:/);
  });
});
