// What Piscina loads, in CommonJS on purpose: it would `require` an ES module, and on Node 20 a thread that is ended while
// it does so aborts the whole process. An `import` that is cut short does not.
const entry = import('./entry.js');
// Whoever runs the first task hears of it.
entry.catch(() => {});

module.exports = async (task: Parameters<Awaited<typeof entry>['default']>[0]): Promise<unknown> =>
  (await entry).default(task);
