import { appendFileSync } from 'node:fs';
import type { LoadHook } from 'node:module';

let file = '';

export const initialize = (path: string): void => {
  file = path;
};

export const load: LoadHook = (url, context, next) => {
  appendFileSync(file, `${url}\n`);
  return next(url, context);
};
