// Required by a thread before anything else: for it, koffi is not installed.
const loading = require('node:module') as { _load(name: string, ...rest: unknown[]): unknown };
const load = loading._load;
loading._load = function (this: unknown, name, ...rest) {
  if (name === 'koffi') throw Object.assign(new Error("Cannot find module 'koffi'"), { code: 'MODULE_NOT_FOUND' });
  return load.call(this, name, ...rest);
};
