import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import { createPool, type PoolOptions } from 'offthread';
import { failureOf } from './failure.js';
import { Shop } from './shop.js';

const wholeFrom0 = 'a whole number from 0';
const wholeFrom1 = 'a whole number from 1';
const orInfinity = `${wholeFrom1}, or Infinity`;
const milliseconds = 'a number of milliseconds, or Infinity';
const more = 'more than 0 milliseconds, or Infinity for no limit';
const module = "a file URL or an absolute path, such as new URL('./units.js', import.meta.url)";
const classes = 'an array of classes that extend Error';
const synchronous = 'one of OFF, NORMAL, FULL, EXTRA';

const text: Bad = ['text', "'text'"];
const nothing: Bad = [null, 'null'];
const object: Bad = [{}, 'an object (Object)'];
const array: Bad = [[], 'an array of 0'];
const notANumber: Bad = [Number.NaN, 'NaN'];
const infinity: Bad = [Number.POSITIVE_INFINITY, 'Infinity'];
const half: Bad = [1.5, '1.5'];
const zero: Bad = [0, '0'];
const negative: Bad = [-1, '-1'];
const big: Bad = [5n, '5n'];

type Bad = readonly [value: unknown, shown: string];
const refused: readonly [string, typeof TypeError | typeof RangeError, string, readonly Bad[]][] = [
  ['threads', TypeError, wholeFrom1, [text, nothing, big, [true, 'true']]],
  ['threads', RangeError, wholeFrom1, [zero, negative, half, notANumber, infinity]],
  ['maxQueue', TypeError, orInfinity, [text, nothing, big]],
  ['maxQueue', RangeError, orInfinity, [zero, negative, half, notANumber]],
  ['maxRows', TypeError, orInfinity, [text, nothing]],
  ['maxRows', RangeError, orInfinity, [zero, negative, half, notANumber]],
  ['retries', TypeError, wholeFrom0, [text, nothing]],
  ['retries', RangeError, wholeFrom0, [negative, half, notANumber, infinity]],
  ['timeout', TypeError, milliseconds, [text, nothing, big]],
  ['timeout', RangeError, more, [zero, negative, notANumber]],
  ['queueTimeout', TypeError, milliseconds, [text, nothing]],
  ['queueTimeout', RangeError, more, [zero, negative, notANumber]],
  ['units', TypeError, module, [nothing, object, zero, [() => 1, 'the function (anonymous)']]],
  ['units', RangeError, module, [text, ['', "''"], ['./units.js', "'./units.js'"]]],
  ['units', RangeError, module, [[new URL('https://example.org/units.js'), "'https://example.org/units.js'"]]],
  ['setup', TypeError, module, [nothing, object, zero]],
  ['setup', RangeError, module, [text, ['./setup.js', "'./setup.js'"]]],
  ['setup', RangeError, module, [[new URL('data:text/javascript,1'), "'data:text/javascript,1'"]]],
  ['errors', TypeError, classes, [text, nothing, object, [RangeError, 'the function RangeError']]],
  ['execArgv', TypeError, 'an array of strings', [text, nothing, object, [[1], 'an array of 1']]],
  ['env', TypeError, 'an object', [text, nothing, array, zero]],
  ['resourceLimits', TypeError, 'an object', [text, nothing, array, zero]],
  ['sqlite.synchronous', RangeError, synchronous, [text, nothing, ['full', "'full'"], [2, '2']]],
  ['sqlite.busyTimeout', TypeError, milliseconds, [text, nothing]],
  ['sqlite.busyTimeout', RangeError, more, [zero, negative, notANumber]],
];

/** The options of a pool with one of them changed; `sqlite.busyTimeout` is a setting inside of an option. */
function having(name: string, value: unknown): PoolOptions {
  const [outer, inner] = name.split('.') as [string, string?];
  return { database: 'sqlite::memory:', [outer]: inner === undefined ? value : { [inner]: value } };
}

describe('an option of createPool', () => {
  for (const [name, type, allowed, values] of refused) {
    for (const [value, shown] of values) {
      it(`refuses ${name}: ${shown}, with ${allowed} as the way out`, async () => {
        const error = await failureOf(createPool(having(name, value)));
        expect(error.message).to.equal(`${name} must be ${allowed}, not ${shown}.`);
        expect(error).to.be.instanceOf(type).and.include({ code: 'OFFTHREAD_OPTION', option: name });
      });
    }
  }

  it('refuses a class in errors that is no error, and names it', async () => {
    class Duck {}
    for (const [errors, shown] of [
      [[Duck], 'the function Duck'],
      [['RangeError'], "'RangeError'"],
      [[null], 'null'],
      [[RangeError, () => new Error('no')], 'the function (anonymous)'],
    ] as const) {
      const error = await failureOf(createPool(having('errors', errors)));
      expect(error.message).to.equal(`errors must be ${classes}, not ${shown}.`);
      expect(error).to.be.instanceOf(TypeError);
    }
  });

  it('refuses two classes of one name in errors, of which only one could come back', async () => {
    const errors = [class Twin extends Error {}, class Twin extends TypeError {}];
    expect((await failureOf(createPool(having('errors', errors)))).message).to.match(/^errors must be .*Twin/);
  });

  it('refuses more than one lane for a database in memory', async () => {
    const error = await failureOf(createPool({ database: 'sqlite::memory:', threads: 2 }));
    expect(error.message).to.equal(
      'threads must be 1 with sqlite::memory:, since each connection would be a database of its own, not 2.',
    );
    expect(error).to.be.instanceOf(RangeError);
  });

  it('refuses more lanes than one process should have', async () => {
    const error = await failureOf(createPool({ database: 'sqlite:unopened.db', threads: 65 }));
    expect(error.message).to.equal('threads must be at most 64, not 65.');
    expect(error).to.be.instanceOf(RangeError);
  });

  it('refuses sqlite where it is no object of settings', async () => {
    for (const [sqlite, shown] of [text, nothing, array, zero]) {
      const error = await failureOf(createPool(having('sqlite', sqlite)));
      expect(error.message).to.equal(`sqlite must be an object of options (synchronous, busyTimeout), not ${shown}.`);
      expect(error).to.be.instanceOf(TypeError);
    }
  });

  for (const [options, message] of [
    [{ thread: 2 }, "createPool() has no option 'thread'. Did you mean 'threads'?"],
    [{ queuetimeout: 2 }, "createPool() has no option 'queuetimeout'. Did you mean 'queueTimeout'?"],
    [{ loger: {} }, "createPool() has no option 'loger'. Did you mean 'logger'?"],
    [{ sqlite: { busytimeout: 1 } }, "sqlite has no option 'busytimeout'. Did you mean 'busyTimeout'?"],
    [{ sqlite: { wal: true } }, "sqlite has no option 'wal'. The options are synchronous, busyTimeout."],
    [
      { min: 2 },
      "createPool() has no option 'min'. The options are database, units, setup, threads, maxQueue, queueTimeout, " +
        'timeout, retries, maxRows, errors, sqlite, mysql, replicas, logger, slowCall, execArgv, env, resourceLimits.',
    ],
  ] as const) {
    it(`that is unknown is told: ${message.split('. ')[0]}`, async () => {
      const error = await failureOf(createPool({ database: 'sqlite::memory:', ...options } as PoolOptions));
      expect(error.message).to.equal(message);
      expect(error).to.be.instanceOf(TypeError).and.have.property('code', 'OFFTHREAD_OPTION');
    });
  }

  it('is one of an object: anything else is refused with the names that it may have', async () => {
    for (const [options, shown] of [[undefined, 'undefined'], nothing, ['sqlite:shop.db', "'sqlite:shop.db'"], array]) {
      const error = await failureOf(createPool(options as never));
      expect(error.message).to.match(/^createPool\(\) must be an object of options \(database, units, /);
      expect(error.message.endsWith(`, not ${shown}.`)).to.equal(true);
    }
  });

  it('is left out where it is undefined', async () => {
    const names =
      'units setup threads maxQueue queueTimeout timeout retries maxRows errors sqlite mysql replicas execArgv env';
    const options = Object.fromEntries(`${names} resourceLimits`.split(' ').map((name) => [name, undefined]));
    await using pool = await createPool({ database: 'sqlite::memory:', ...options });
    expect(pool.stats().lanes.map(({ role }) => role)).to.deep.equal(['both']);
  });

  it('is no limit where it is Infinity', async () => {
    const limits = Object.fromEntries(
      ['maxQueue', 'queueTimeout', 'timeout', 'maxRows'].map((name) => [name, Number.POSITIVE_INFINITY]),
    );
    await using pool = await createPool({ database: 'sqlite::memory:', ...limits });
    expect(await pool.ping()).to.be.a('number');
  });

  it('is not what somebody has put on Object.prototype', async () => {
    const polluted = Object.prototype as unknown as Record<string, unknown>;
    const names = {
      threads: 0,
      units: './units.js',
      nonsense: 1,
      retries: -1,
      transaction: 1,
      maxRows: 0,
      synchronous: 'nonsense',
    };
    try {
      Object.assign(polluted, names);
      await using pool = await createPool({ database: 'sqlite::memory:', sqlite: { busyTimeout: 1 } });
      expect(await pool.ping({ timeout: 1000 })).to.be.a('number');
    } finally {
      for (const name of Object.keys(names)) delete polluted[name];
    }
  });

  it('threads: one writer and a reader for each core, at most four, unless it says otherwise', async () => {
    await using shop = new Shop();
    const roles = async (threads: number | undefined) =>
      (await shop.open({ threads })).stats().lanes.map(({ role }) => role);
    expect(await roles(2)).to.deep.equal(['writer', 'reader']);
    const readers = Array.from({ length: Math.min(availableParallelism(), 4) }, () => 'reader');
    expect(await roles(undefined)).to.deep.equal(['writer', ...readers]);
  });
});
