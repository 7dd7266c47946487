import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** Something found in a file, and where. */
export interface Found {
  readonly line: number;
  readonly text: string;
}

/** What the layout asks of one file: what it imports, and where it waits. Paths are relative to the root, with `/`. */
export interface Source {
  readonly path: string;
  readonly imports: readonly Found[];
  readonly waits: readonly Found[];
}

export function readSources(root: string, folder: string): Source[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.name === 'node_modules') return []; // bench/ has packages of its own
    if (entry.isDirectory()) return readSources(root, path);
    return /\.[cm]?ts$/.test(path) ? [readSource(root, path)] : [];
  });
}

function readSource(root: string, path: string): Source {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const imports: Found[] = [];
  const waits: Found[] = [];
  const loaders = new Set(['require']);

  const visit = (node: ts.Node): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    if (isCreateRequire(node) && ts.isVariableDeclaration(node.parent)) loaders.add(node.parent.name.getText(file));
    const specifier = importOf(node, loaders);
    if (specifier && ts.isStringLiteralLike(specifier)) imports.push({ line, text: specifier.text });
    const wait = waitOf(node);
    if (wait) waits.push({ line, text: wait });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, imports, waits };
}

/** The node that names a module, in each of the ways a module can be named. */
function importOf(node: ts.Node, loaders: ReadonlySet<string>): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression: callee } = node;
  const loads =
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && loaders.has(callee.text)) ||
    isCreateRequire(callee);
  return loads ? node.arguments[0] : undefined;
}

function isCreateRequire(node: ts.Node): boolean {
  return ts.isCallExpression(node) && /(^|\.)createRequire$/.test(node.expression.getText());
}

/** How this node waits for something, or makes others wait. PromiseLike in a type is no wait: it is how a promise is refused. */
function waitOf(node: ts.Node): string | undefined {
  if (ts.isAwaitExpression(node)) return 'await';
  if (ts.isForOfStatement(node) && node.awaitModifier) return 'for await';
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing)
    return 'await using';
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async';
  if (ts.isIdentifier(node) && node.text === 'Promise') return 'Promise';
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const method = node.expression.name.text;
  return ['then', 'catch', 'finally'].includes(method) ? `.${method}(` : undefined;
}
