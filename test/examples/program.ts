import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What it printed. */
  output: string;
  errors: string;
}

/** A program of Node's in a process of its own. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ending>;
  #output = '';
  #errors = '';

  constructor(file: URL, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    this.#child = spawn(process.execPath, [file.pathname, ...args], {
      stdio: [...stdio],
      env: { ...process.env, ...env },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => (this.#output += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => (this.#errors += text));
    this.#ended = once(this.#child, 'close').then(([code, signal]) => ({
      code,
      signal,
      output: this.#output,
      errors: this.#errors,
    }));
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  ended(): Promise<Ending> {
    return this.#ended;
  }

  /** What a pattern finds in its output, as soon as it is there. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#output);
      if (found !== null) return found;
      const stdout = this.#child.stdout as NodeJS.ReadableStream;
      const more = await Promise.race([once(stdout, 'data').then(() => true), this.#ended.then(() => false)]);
      if (!more) throw new Error(`it ended without printing ${pattern}: ${this.#output}${this.#errors}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
