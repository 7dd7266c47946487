// What Piscina loads for a wrapped module, in CommonJS for the reason told in thread.cts.
type OpenGraph = Awaited<typeof import('./wrap.js')>['default'];

module.exports = import('./wrap.js').then(
  (wrap): OpenGraph => wrap.default,
  (error): OpenGraph =>
    () =>
      Promise.reject(error),
);
