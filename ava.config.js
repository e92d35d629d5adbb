// Unit tests one by one, as `npx ava out/test/canary/slot.test.js`; `npm run test:unit` runs them all in suites.
export default {
  files: ['out/test/**/*.test.js', '!out/test/integration/**', '!out/test/e2e/**'],
  timeout: '2m',
  nodeArguments: ['--enable-source-maps'],
};
