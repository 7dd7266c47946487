import { fileURLToPath } from 'node:url';

const PACKAGE = new URL(import.meta.url.replace(/\/dist\/.*$/, '/'));

/**
 * Whether a line of a stack is a frame of some code of this package, by the URL where it runs, perhaps in a bundle, and by the path
 * of its source, where Node says it is with `--enable-source-maps`.
 */
export function frameOf(running: string, source: string): (line: string) => boolean {
  const written = new URL(source, PACKAGE);
  const places = [running, written.href, fileURLToPath(written)];
  return (line) => /^\s+at /.test(line) && places.some((place) => line.includes(place));
}
