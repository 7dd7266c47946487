import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

/** The public declarations of one export, as they are checked in. */
export interface ApiReport {
  /** `offthread/orm`. */
  readonly name: string;
  /** `api/orm.api.md`. */
  readonly path: string;
  readonly text: string;
}

/** What there is to be reported of a package that is built: a report for each export that has declarations. */
export function apiReports(root: string): ApiReport[] {
  const folder = mkdtempSync(join(tmpdir(), 'offthread-api-'));
  try {
    const entries = entriesOf(root);
    const configs = entries.map((entry) => configOf(root, folder, entry, entries));
    const [first] = configs;
    if (!first) return [];
    const additionalEntryPoints = configs.map((config) => config.mainEntryPointFilePath);
    const compilerState = CompilerState.create(first, { additionalEntryPoints });
    const told = new Set<string>();
    return configs.map((config, index) => {
      extract(config, compilerState);
      const { name, path } = entries[index] as Entry;
      return { name, path, text: report(name, readFileSync(config.reportFilePath, 'utf8'), told) };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly declarations: string;
}

function entriesOf(root: string): Entry[] {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.entries<{ types?: string }>(exports).flatMap(([subpath, { types }]) => {
    if (types === undefined) return [];
    const short = subpath === '.' ? name : subpath.slice(2);
    const full = subpath === '.' ? name : `${name}/${short}`;
    return [{ name: full, path: `api/${short}.api.md`, declarations: join(root, types) }];
  });
}

function configOf(root: string, folder: string, { path, declarations }: Entry, all: readonly Entry[]): ExtractorConfig {
  const files = all.map((entry) => entry.declarations);
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      newlineKind: 'lf',
      mainEntryPointFilePath: declarations,
      compiler: { overrideTsconfig: { extends: join(root, 'tsconfig.json'), files, include: [] } },
      apiReport: {
        enabled: true,
        // What is not exported, but is part of what is, breaks callers as well.
        includeForgottenExports: true,
        reportFileName: path.replaceAll('/', '-'),
        reportFolder: folder,
        reportTempFolder: join(folder, 'temp'),
      },
    },
  });
}

function extract(config: ExtractorConfig, compilerState: CompilerState): void {
  const errors: string[] = [];
  Extractor.invoke(config, {
    compilerState,
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true; // it would be printed
      if (message.logLevel === 'error') errors.push(message.formatMessageWithLocation(config.projectFolder));
    },
  });
  if (errors.length > 0)
    throw new Error(`API Extractor cannot read ${config.mainEntryPointFilePath}:\n${errors.join('\n')}`);
}

/**
 * API Extractor says all of what an export needs, so that half of the pool would stand in the report of each adapter: what
 * is not exported there, and was `told` before, is left out, and so is what it says of comments.
 */
function report(name: string, extracted: string, told: Set<string>): string {
  const code = /^```ts\n(.*)^```$/ms.exec(extracted)?.[1] ?? '';
  const blocks = code
    .replaceAll(/^ *\/\/ (@public|\(undocumented\)|@public \(undocumented\)|\(No @packageDocumentation .*)\n/gm, '')
    .split('\n\n')
    .map((block) => block.trim());
  const declarations = blocks.filter((block) => {
    const isExported = /^export /m.test(block);
    const declaration = block.replace(/^export /m, '');
    const isTold = told.has(declaration);
    told.add(declaration);
    return block !== '' && !block.startsWith('import ') && (isExported || !isTold);
  });
  const body = declarations.join('\n\n');
  const imports = blocks
    .filter((block) => block.startsWith('import '))
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace('import type ', 'import ')) // the same in declarations
    .filter((line) => isUsed(line, body));
  return [
    `# ${name}`,
    `What \`${name}\` declares, by [API Extractor](https://api-extractor.com): \`npm run api\` writes it.`,
    `\`\`\`ts\n${[imports.join('\n'), body].filter(Boolean).join('\n\n')}\n\`\`\`\n`,
  ].join('\n\n');
}

function isUsed(importLine: string, body: string): boolean {
  const local = /(\w+)(?: \}|) from /.exec(importLine)?.[1];
  return local === undefined || new RegExp(`\\b${local}\\b`).test(body);
}
