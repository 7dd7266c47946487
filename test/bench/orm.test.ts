import { expect } from 'chai';
import { openByHand } from '../../bench/contenders/by-hand.js';
import { openInlineSession } from '../../bench/contenders/inline-session.js';
import { ageOf, keyOf, makeNotes, makeUsers } from '../../bench/database.js';
import { orm } from '../../bench/trials/orm.js';
import { Scratch } from '../scratch.js';

describe('The bench’s trials of the ORM', () => {
  const scratch = new Scratch();
  const users = scratch.file();
  before(() => makeUsers(users));
  after(() => scratch.remove());

  it('measure rows and entities at the same work, and MikroORM where it is asked of us', () => {
    expect(Object.fromEntries(orm.map(({ name, contenders }) => [name, Object.keys(contenders)]))).to.deep.equal({
      'orm-get-100': ['byHand', 'session', 'mikroOrm'],
      'orm-list-10000': ['byHand', 'session'],
      'orm-list-1000': ['session', 'mikroOrm'],
      'orm-insert-1000': ['byHand', 'session', 'mikroOrm'],
      'orm-lazy-1000': ['byHand', 'session', 'mikroOrm'],
    });
    const peers = orm.flatMap(({ contenders }) => Object.entries(contenders).filter(([, { isPeer }]) => isPeer));
    expect(new Set(peers.map(([key]) => key))).to.deep.equal(new Set(['mikroOrm']));
  });

  for (const [title, open] of Object.entries({ 'by hand': openByHand, 'in a session': openInlineSession })) {
    it(`do ${title} what they ask for`, async () => {
      await using reading = open(users);
      const ages = ageOf(keyOf(7)) + ageOf(keyOf(8)) + ageOf(keyOf(9));
      expect([await reading.get(7, 3), await reading.list(1_000), await reading.visit(1_000)]).to.deep.equal([
        ...[ages, 1_000, 2_000],
      ]);

      const path = makeNotes(scratch.path, title);
      await using writing = open(path);
      expect([await writing.add(300), await writing.add(300)]).to.deep.equal([300, 600]);
      const notes = scratch.open({ readonly: true }, path.slice(scratch.path.length + 1));
      expect(notes.prepare('select count(*), sum(author), count(distinct text) from note').raw().get()).to.deep.equal([
        ...[600, 300 * 301, 1],
      ]);
    });
  }

  it('measure nobody who answers otherwise', async () => {
    const few = scratch.file('few.db');
    makeUsers(few, 10);
    const setting = { users: few, folder: scratch.path, seconds: 0.01, stepsPerMillisecond: 1 };
    const { contenders } = orm.find(({ name }) => name === 'orm-list-10000')!;
    for (const { title, measure } of Object.values(contenders)) {
      const failure = await Promise.resolve(measure(setting)).catch((error: unknown) => error);
      expect(failure).to.be.an('error').with.property('message', `${title} answers 10, not 10000`);
    }
  });
});
