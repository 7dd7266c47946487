import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Page } from '../house/page.js';
import { Program } from './program.js';

const main = new URL('../../examples/dao/main.js', import.meta.url);
const steps = ['blocking', 'wrapped', 'wrapped, 3 lanes', 'units'];

describe('The example of a module that is wrapped', function () {
  this.timeout(60_000);

  it('answers the same at each step, and says how late the event loop was', async () => {
    await using program = new Program(main, ['600', '20']);
    const { code, output, errors } = await program.ended();
    expect({ code, errors }).to.deep.equal({ code: 0, errors: '' });
    const rows = [...output.matchAll(/^(\w.*?)((?: +\d+\.\d){5})$/gm)].map(([, step]) => step);
    expect(rows, output).to.deep.equal(steps);
    expect(output).to.match(/\nEach step answered the same\.\n$/);
  });

  it('is measured on its page, step by step', () => {
    const { text } = new Page('docs/wrap.md');
    const rows = [...text.matchAll(/^\| (\w[^|]*?) \|(?: [\d,.]+ ms \|){5}$/gm)].map(([, step]) => step);
    expect(rows).to.deep.equal(steps);
  });

  it('has a module that knows nothing of threads', () => {
    const source = readFileSync(new URL('../../../examples/dao/dao.ts', import.meta.url), 'utf8');
    expect(source).to.not.match(/offthread|worker|async|await|Promise/);
  });
});
