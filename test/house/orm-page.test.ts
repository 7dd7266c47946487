import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import * as offthread from 'offthread';
import * as orm from 'offthread/orm';
import { Scratch } from '../scratch.js';
import { Page, root } from './page.js';

const { text: page } = new Page('docs/orm.md');
/** Our side of the tables. */
const cells = [...page.matchAll(/^\| .*? \| (.*?) \|.*\|$/gm)].map(([, cell]) => cell as string);

describe('The page about the ORM', () => {
  it('names every program that there is', () => {
    for (const name of readdirSync(join(root, 'examples/programs'))) {
      if (name === 'program.ts') continue;
      expect(page, name).to.include(name.replace(/^sqlalchemy(?!-quick)/, ''));
    }
  });

  it('promises no function and no method that is not there', () => {
    const scratch = new Scratch();
    using session = orm.openSession(`sqlite:${scratch.file()}`);
    class User extends orm.Entity('user', { id: orm.integer().primaryKey() }) {}
    const things = [session, session.query(User), orm.integer(), [], { run: 'of a pool', or: 'of an eb' }];
    const functions = new Set([
      ...Object.keys(orm),
      ...Object.keys(offthread),
      'eb',
      'validate',
      ...namesIn([orm.integer()]),
    ]);
    const methods = namesIn(things);
    const unknown: string[] = [];
    let count = 0;
    for (const cell of cells) {
      const code = [...cell.matchAll(/`+(.*?)`+(?= |,|;|$)/g)].map(([, each]) => each).join(' ; ');
      const text = code.replace(/sql`[^`]*`/g, 'sql').replace(/'[^']*'/g, "''");
      for (const [, before = '', name = ''] of text.matchAll(/(\.|new )?\b(\w+)(?:<[^>]*>)?\(/g)) {
        count++;
        if (before !== 'new ' && !(before === '.' ? methods : functions).has(name)) unknown.push(`${name} in ${cell}`);
      }
    }
    expect(unknown).to.deep.equal([]);
    expect(count).to.be.above(100);
    session.close();
    scratch.remove();
  });
});

/** Every property of some things, inherited ones included. */
function namesIn(things: readonly object[]): Set<string> {
  const names = new Set<string>();
  for (const thing of things)
    for (let at: object | null = thing; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
      for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  return names;
}
