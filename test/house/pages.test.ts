import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Without indentation: a page shows lines from within functions. */
const flat = (code: string): string => `\n${code.replace(/^ +/gm, '')}`;

for (const name of ['docs/drizzle.md', 'docs/servers.md'])
  describe(`The page ${name}`, () => {
    const page = readFileSync(join(root, name), 'utf8');
    const blocks = [...page.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)] as unknown as string[][];

    it('takes its code from the examples that the tests run, as it stands there', () => {
      expect(blocks.length).to.be.above(1);
      expect(page.match(/^```ts$/gm)).to.have.length(blocks.length);
      for (const [, file = '', code = ''] of blocks) {
        const program = flat(readFileSync(join(root, file), 'utf8'));
        for (const part of code.split('// …\n')) expect(program, `${file}: ${part}`).to.include(flat(part));
      }
    });
  });
