// What Piscina loads, in CommonJS on purpose: it would `require` an ES module, and on Node 20 a thread that is ended while
// it does so aborts the whole process. An `import` that is cut short does not.
type RunLane = Awaited<typeof import('./entry.js')>['default'];

// A promise, which Piscina awaits before it calls the thread ready, and blocks it until the first task: so all threads
// import beside each other. One that was rejected would end the thread; so whoever runs the first task hears of it.
module.exports = import('./entry.js').then(
  async ({ default: runLane, preload }): Promise<RunLane> => {
    // What fails to load fails again in the task, and is told there.
    await preload().catch(() => {});
    return runLane;
  },
  (error): RunLane =>
    () =>
      Promise.reject(error),
);
