import { openByHand } from '../contenders/by-hand.js';
import { openMikroOrm } from '../contenders/mikro-orm.js';
import type { Workload } from '../contenders/workload.js';
import { ageOf, keyOf, makeNotes } from '../database.js';
import { measureCallers } from '../load.js';
import type { Comparison, Contender, Setting, Trial } from '../trial.js';

/** Milliseconds until MikroORM gets no faster: it has much code, and Node compiles it piece by piece. */
const MIKRO_ORM_WARM_UP = 1_900;
const KEYS = 100;
const MANY = 1_000;
const ROWS = 10_000;

/** What a trial asks for again and again, and what the first answer must be. */
interface Task {
  readonly ask: (workload: Workload, i: number) => number | Promise<number>;
  readonly answer: number;
  readonly open?: (setting: Setting) => string;
}

const agesOf = (keys: number) => Array.from({ length: keys }, (_, i) => ageOf(keyOf(i))).reduce((a, b) => a + b);

const get: Task = { ask: (workload, i) => workload.get(i * KEYS, KEYS), answer: agesOf(KEYS) };
const list = (count: number): Task => ({ ask: (workload) => workload.list(count), answer: count });
const add: Task = { ask: (workload) => workload.add(MANY), answer: MANY, open: ({ folder }) => makeNotes(folder) };
const visit: Task = { ask: (workload) => workload.visit(MANY), answer: 2 * MANY };

type Open = (path: string) => Workload | Promise<Workload>;

function contender(title: string, open: Open, task: Task, leastWarmUp?: number): Contender {
  return {
    title,
    measure: async (setting) => {
      await using workload = await open(task.open?.(setting) ?? setting.users);
      const answer = await task.ask(workload, 0);
      if (answer !== task.answer) throw new Error(`${title} answers ${answer}, not ${task.answer}`);
      return await measureCallers((i) => task.ask(workload, i), 1, setting, leastWarmUp);
    },
  };
}

const byHand = (title: string, task: Task) => ({ byHand: contender(`better-sqlite3, ${title}`, openByHand, task) });
const openSession = async (path: string) => (await import('../contenders/inline-session.js')).openInlineSession(path);
const session = (task: Task) => ({ session: contender('a session on the main thread', openSession, task) });
const mikroOrm = (task: Task) => ({
  mikroOrm: { ...contender('MikroORM', openMikroOrm, task, MIKRO_ORM_WARM_UP), isPeer: true },
});

const againstRows = (against: string, must: number): Comparison => ({
  ...{ what: `time against ${against}`, figure: 'wallTime', of: 'session', against: 'byHand' },
  goal: { must },
});
const againstMikroOrm: Comparison = {
  ...{ what: 'units against MikroORM', figure: 'callsPerSecond', of: 'session', against: 'mikroOrm' },
  goal: { must: 5 },
};

const trial = (name: string, title: string, contenders: Trial['contenders'], comparisons: readonly Comparison[]) => ({
  ...{ name: `orm-${name}`, group: 'orm', title, contenders, comparisons },
});

/** The ORM without the pool, against rows without an ORM, and against another unit of work. */
export const orm: readonly Trial[] = [
  trial(
    `get-${KEYS}`,
    `${KEYS} entities got by key, one after the other`,
    { ...byHand('.get() each', get), ...session(get), ...mikroOrm(get) },
    [againstRows('.get() of rows', 3), againstMikroOrm],
  ),
  trial(
    `list-${ROWS}`,
    `${ROWS.toLocaleString('en')} entities of 5 columns, one query`,
    { ...byHand('.all()', list(ROWS)), ...session(list(ROWS)) },
    [againstRows('.all() of rows', 1.6)],
  ),
  trial(
    `list-${MANY}`,
    `${MANY.toLocaleString('en')} entities of 5 columns, one query`,
    { ...session(list(MANY)), ...mikroOrm(list(MANY)) },
    [againstMikroOrm],
  ),
  trial(
    `insert-${MANY}`,
    `${MANY.toLocaleString('en')} new entities in one flush`,
    { ...byHand('.run() each', add), ...session(add), ...mikroOrm(add) },
    [againstRows('.run() in a transaction', 1.6), againstMikroOrm],
  ),
  trial(
    `lazy-${MANY}`,
    `${MANY.toLocaleString('en')} lazy collections after one query`,
    { ...byHand('.all() with in (…)', visit), ...session(visit), ...mikroOrm(visit) },
    [againstRows('.all() of the same rows', 2), againstMikroOrm],
  ),
];
