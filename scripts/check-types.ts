import { relative } from 'node:path';
import ts from 'typescript';

/** A statement under `// error: text`, which must fail to compile with that text in the message. */
interface Mistake {
  readonly node: ts.Node;
  readonly text: string;
}

/**
 * What is wrong with a file of mistakes, one line each: a mistake that compiles, a message that lacks its text,
 * an error that nobody announced. `@ts-expect-error` would accept any message, and the messages are half of the types' worth.
 */
export function unexpected(root: string, path: string): string[] {
  const program = ts.createProgram([path], { ...optionsOf(root), noEmit: true });
  const file = program.getSourceFile(path);
  if (!file) return [`${path}: no such file`];
  const mistakes = mistakesOf(file);
  const diagnostics = [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ];
  const at = (position: number) => `${relative(root, path)}:${file.getLineAndCharacterOfPosition(position).line + 1}: `;

  const unannounced = diagnostics
    .filter((diagnostic) => !mistakes.some(({ node }) => lies(diagnostic, node)))
    .map((diagnostic) => `${at(diagnostic.start ?? 0)}unannounced error: ${messageOf(diagnostic)}`);
  const unmet = mistakes.flatMap(({ node, text }) => {
    const messages = diagnostics.filter((diagnostic) => lies(diagnostic, node)).map(messageOf);
    if (messages.some((message) => message.includes(text))) return [];
    const instead = messages.length > 0 ? `the message is: ${messages.join('\n')}` : 'it compiles';
    return [`${at(node.getStart(file))}the error should say "${text}", but ${instead}`];
  });
  const none = mistakes.length === 0 ? [`${at(0)}no mistakes: write \`// error: text\` above each`] : [];
  return [...none, ...unannounced, ...unmet];
}

function optionsOf(root: string): ts.CompilerOptions {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
  const config = ts.getParsedCommandLineOfConfigFile(`${root}/tsconfig.json`, {}, host);
  if (!config) throw new Error(`No tsconfig.json in ${root}`);
  return config.options;
}

function mistakesOf(file: ts.SourceFile): Mistake[] {
  const mistakes: Mistake[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node) || ts.isClassElement(node)) {
      const comments = ts.getLeadingCommentRanges(file.text, node.pos) ?? [];
      for (const { pos, end } of comments) {
        const text = /^\/\/ error: (.+)$/.exec(file.text.slice(pos, end))?.[1];
        if (text) mistakes.push({ node, text: text.trim() });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mistakes;
}

function lies({ file, start = -1 }: ts.Diagnostic, within: ts.Node): boolean {
  return file === within.getSourceFile() && start >= within.getStart() && start < within.end;
}

function messageOf({ messageText, relatedInformation = [] }: ts.Diagnostic): string {
  const related = relatedInformation.map((each) => each.messageText);
  return [messageText, ...related].map((text) => ts.flattenDiagnosticMessageText(text, '\n')).join('\n');
}
