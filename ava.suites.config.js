// All unit tests: no server, no network. Whole folders share a worker, see test/suites/write.ts.
export default {
  files: ['out/test/suites/*.suite.js', 'out/test/*.test.js', 'out/test/platform/**/*.test.js'],
  timeout: '2m',
  nodeArguments: ['--enable-source-maps'],
};
