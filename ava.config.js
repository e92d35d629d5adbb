// Unit tests: no server, no network. `npm run test:integration` runs the ones on real parts.
export default {
  files: ['out/test/**/*.test.js', '!out/test/integration/**', '!out/test/e2e/**'],
  timeout: '2m',
  nodeArguments: ['--enable-source-maps'],
};
