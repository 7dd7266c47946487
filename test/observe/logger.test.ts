import { writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createPool, type Logger, sql } from 'offthread';
import pino from 'pino';
import { failureOf } from '../pool/failure.js';
import { Scratch } from '../scratch.js';
import { newStage, onEach, plainUnits, type Stage } from './stage.js';

interface Line {
  readonly level: string;
  readonly object: Record<string, unknown>;
  readonly message: string;
}

/** A logger that keeps what it is told. */
function keeper(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (object: object, message: string) =>
    lines.push({ level, object: object as Line['object'], message });
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

onEach('the logger', (dialect) => {
  describe('is told', () => {
    const { logger, lines } = keeper();
    let stage: Stage;
    before(async () => {
      stage = await newStage(dialect, { logger, slowCall: 30, threads: 1 });
    });
    beforeEach(() => {
      lines.length = 0;
    });
    after(() => stage.remove());

    it('of slow calls: what, where, and for how long, and no value', async () => {
      const { pool, name } = stage;
      await pool.run('rename', [1, 'a secret']);
      await pool.run('spin', [40]);
      const slow = lines.filter(({ level }) => level === 'warn').at(-1) as Line;
      expect(slow.message).to.match(/^offthread: slow call: the unit 'spin' ran for [\d.]+ ms$/);
      expect(slow.object)
        .to.include({ pool: name, what: "the unit 'spin'" })
        .and.have.keys('pool', 'what', 'run', 'wait', 'lane');
      expect(slow.object.run).to.be.at.least(40);
      expect(JSON.stringify(lines)).to.not.include('secret');
    });

    it('of a slow call that was given up before it had an answer', async () => {
      await failureOf(stage.pool.run('spin', [10_000], { timeout: 50 }));
      expect(lines.map(({ message }) => message).join('\n')).to.match(/slow call: the unit 'spin' ran for/);
    });
  });

  it('is told of lanes: opened, lost with the reason, opened again, closed', async () => {
    const { logger, lines } = keeper();
    const { pool, remove } = await newStage(dialect, { logger, units: plainUnits, threads: 1 });
    await failureOf(pool.run('exit'));
    await pool.run(sql`select 1`);
    await remove();
    const lanes = lines.filter(({ object }) => 'event' in object);
    expect(lanes.map(({ level, object }) => [level, object.event])).to.deep.equal([
      ['debug', 'opened'],
      ['error', 'lost'],
      ['info', 'opened'],
      ['debug', 'closed'],
    ]);
    const { object, message } = lanes[1] as Line;
    expect(message).to.equal(`offthread: lane ${(object.lane as { id: number }).id} (both) was lost`);
    expect(object.err).to.be.instanceOf(Error);
  });

  it('may throw or reject: nothing else goes otherwise for it', async () => {
    const bad = () => {
      throw new Error('no log');
    };
    const worse = () => Promise.reject(new Error('no log'));
    const { pool, remove } = await newStage(dialect, {
      logger: { debug: bad, info: worse, warn: bad, error: worse },
      slowCall: 1,
      units: plainUnits,
      threads: 1,
    });
    await pool.run('spin', [5]);
    await failureOf(pool.run('exit'));
    expect(await pool.run(sql`select 1 as one`)).to.deep.equal([{ one: 1 }]);
    await remove();
  });
});

describe('the option logger', () => {
  it('takes a pino as it is', async () => {
    const written: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        done();
      },
    });
    const logger = pino({ level: 'debug' }, stream);
    const { pool, name, remove } = await newStage('sqlite', { logger, slowCall: 5, units: plainUnits });
    await pool.run('spin', [10]);
    await remove();
    const lines = written.map((line) => JSON.parse(line));
    expect(lines.filter(({ level }) => level === 40).at(-1)).to.include({
      what: "the unit 'spin'",
      pool: name,
    });
    expect(lines.filter(({ event }) => event === 'closed')).to.have.length(2);
  });

  it('tells why a lane could not be opened', async () => {
    const { logger, lines } = keeper();
    const scratch = new Scratch();
    writeFileSync(scratch.file(), 'no database at all, by far too short');
    await failureOf(createPool({ database: `sqlite:${scratch.file()}`, logger }));
    expect(lines.map(({ level, object }) => [level, object.event])).to.deep.equal([['error', 'failed']]);
    expect(lines[0]?.object.err).to.have.property('kind', 'not-a-database');
    scratch.remove();
  });

  for (const [logger, shown] of [
    [console.log, 'the function log'],
    [null, 'null'],
    [{ info: () => {} }, 'an object (Object)'],
  ] as const) {
    it(`refuses ${shown}`, async () => {
      const error = await failureOf(createPool({ database: 'sqlite::memory:', logger: logger as unknown as Logger }));
      expect(error.message).to.equal(
        `logger must be an object with the methods debug, info, warn, error, as pino's, not ${shown}.`,
      );
      expect(error).to.be.instanceOf(TypeError);
    });
  }

  it('slowCall is a time like the others', async () => {
    const error = await failureOf(createPool({ database: 'sqlite::memory:', slowCall: 0 }));
    expect(error.message).to.equal('slowCall must be more than 0 milliseconds, or Infinity for no limit, not 0.');
  });
});
