/** Folders of `test/` whose files run in one worker of AVA, by the name of the suite. Why: write.ts. */
export const suites: Readonly<Record<string, readonly string[]>> = {
  canary: ['canary', 'manifests'],
  worker: ['worker'],
  sandbox: ['sandbox', 'sandbox-demo', 'sandbox-gateway', 'sandbox-mesh'],
  processes: ['bench', 'chaos', 'loadtester', 'queue'],
  scheduler: ['scheduler'],
};
