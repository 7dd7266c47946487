import { MysqlStage } from './mysql-stage.js';
import { Stage } from './stage.js';

/** What tests of both dialects know of a stage. */
export type AnyStage = Pick<Stage, 'url' | 'open' | 'ids' | 'remove'>;
export type Dialect = 'sqlite' | 'mysql';

/** The same tests on either database, each on a stage of its own. */
export function onEach(title: string, describeOn: (newStage: () => Promise<AnyStage>, dialect: Dialect) => void): void {
  describe(`${title} (SQLite)`, () => describeOn(() => Promise.resolve(new Stage()), 'sqlite'));
  describe(`${title} (MySQL)`, () => describeOn(() => MysqlStage.make(), 'mysql'));
}

/** `it` for what is so on one dialect alone. */
export const on = (
  dialect: Dialect,
  wanted: Dialect,
): ((title: string, test: (this: Mocha.Context) => Promise<void>) => unknown) => (dialect === wanted ? it : () => {});
