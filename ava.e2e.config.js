// Whole stories on a real one-node Kubernetes (the sandbox's full mode). They need root, or say what is missing.
export default {
  files: ['out/test/e2e/**/*.test.js'],
  timeout: '15m',
  concurrency: 1,
  serial: true,
  failFast: true,
  nodeArguments: ['--enable-source-maps'],
};
