// Mocha hears of rejections that nobody handles, and says nothing: thrown, they fail the test that runs.
process.on('unhandledRejection', (reason) => {
  throw reason;
});
