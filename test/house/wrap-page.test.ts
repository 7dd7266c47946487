import { expect } from 'chai';
import { Page } from './page.js';

describe('The page about wrapped modules', () => {
  const page = new Page('docs/wrap.md');

  it('has a place for each of its links', () => {
    const places = [...page.text.matchAll(/^## (.*)$/gm)].map(
      ([, title = '']) =>
        `#${title
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    const links = [...page.text.matchAll(/\]\((#[^)]*)\)/g)].map(([, link]) => link);
    expect(links).to.have.members(places);
  });
});
