import { expect } from 'chai';
import { unexpected } from '../../scripts/check-types.js';
import { Tree } from './tree.js';

const config = '{ "compilerOptions": { "strict": true, "module": "nodenext", "lib": ["es2023"], "types": [] } }';
const text = `
// error: not assignable to type 'number'
export const told: number = 'one';

// error: not assignable to type 'number'
export const compiles: number = 1;

// error: some other sentence
export const lacks: number = 'one';

export const unannounced: number = 'one';

export class Inside {
  // error: not assignable to type
  field: string = String(
    0,
  ).length;
}
`;

describe('mistakes', () => {
  it('must not compile, and must say why', () => {
    using tree = new Tree({ 'tsconfig.json': config, 'mistakes.ts': text });
    const lines = unexpected(tree.root, `${tree.root}/mistakes.ts`);
    const wrong = "Type 'string' is not assignable to type 'number'.";
    expect(lines).to.deep.equal([
      `mistakes.ts:11: unannounced error: ${wrong}`,
      `mistakes.ts:6: the error should say "not assignable to type 'number'", but it compiles`,
      `mistakes.ts:9: the error should say "some other sentence", but the message is: ${wrong}`,
    ]);
  }).timeout(60_000);

  it('are there', () => {
    using tree = new Tree({ 'tsconfig.json': config, 'mistakes.ts': 'export {};' });
    expect(unexpected(tree.root, `${tree.root}/mistakes.ts`)).to.deep.equal([
      'mistakes.ts:1: no mistakes: write `// error: text` above each',
    ]);
  }).timeout(60_000);
});
