// Tests on a real kube-apiserver, etcd and Redis (the sandbox's light mode). Each file owns its servers' namespaces and queue prefixes.
export default {
  files: ['out/test/integration/**/*.test.js'],
  timeout: '120s',
  concurrency: 2,
  nodeArguments: ['--enable-source-maps'],
};
