import { expect } from 'chai';
import { Page } from './page.js';

for (const name of [
  'docs/drizzle.md',
  'docs/kysely.md',
  'docs/observability.md',
  'docs/orm.md',
  'docs/servers.md',
  'docs/wrap.md',
])
  describe(`The page ${name}`, () => {
    it('takes its code from the examples that the tests run, as it stands there', () => {
      const page = new Page(name);
      expect(page.blocks.length).to.be.above(1);
      expect(page.strayCode()).to.deep.equal([]);
    });
  });
