import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A page of the documentation, whose code is that of files. */
export class Page {
  readonly text: string;
  readonly blocks: readonly { readonly file: string; readonly code: string }[];

  constructor(path: string) {
    this.text = readFileSync(join(root, path), 'utf8');
    const blocks = this.text.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
    this.blocks = [...blocks].map(([, file, code]) => ({ file: file as string, code: code as string }));
  }

  /** Parts of its code that do not stand in the files that it names, and code that names none. */
  strayCode(): string[] {
    const nameless = (this.text.match(/^```ts$/gm)?.length ?? 0) - this.blocks.length;
    const strays = this.blocks.flatMap(({ file, code }) => {
      const program = readFileSync(join(root, file), 'utf8');
      const parts = code.split(/^ *\/\/ …\n/m);
      return parts.filter((part) => !standsIn(program, part)).map((part) => `${file}: ${part}`);
    });
    return nameless === 0 ? strays : [...strays, `${nameless} blocks that name no file`];
  }
}

/** All of its lines may be indented further there: pages show lines from within functions. */
const standsIn = (program: string, part: string): boolean =>
  [0, 2, 4, 6, 8].some((depth) => `\n${program}`.includes(`\n${part.replace(/^(?=.)/gm, ' '.repeat(depth))}`));
