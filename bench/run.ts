/**
 * One run, in this process: `node dist/bench/run.js TRIAL CONTENDER [SETTING]` prints its measurement as JSON. The main
 * program starts it, and so may you, with whatever flags of Node's: `node --cpu-prof dist/bench/run.js reads-64 plan`.
 */
import { Ground } from './ground.js';
import { startMysql } from './mysql-server.js';
import type { Setting } from './trial.js';
import { trials } from './trials.js';

const [name, key = '', given] = process.argv.slice(2);
const trial = trials.find((each) => each.name === name);
const contender = trial?.contenders[key];
if (!trial) throw new RangeError(`There is no trial '${name}'`);
if (!contender)
  throw new RangeError(`'${name}' has no contender '${key}', but ${Object.keys(trial.contenders).join(', ')}`);

if (given) {
  print(await contender.measure(JSON.parse(given) as Setting));
} else {
  using ground = new Ground();
  const setting = ground.setting(1);
  print(await contender.measure(trial.needsMysql ? { ...setting, mysql: await startMysql() } : setting));
}

function print(measurement: unknown): void {
  console.log(JSON.stringify(measurement));
}
