import { createTaskWithoutShell } from './without-shell.ts';

/** `helm test podinfo --namespace test` without the word helm. Also known as `helmv3`. */
export const helm = createTaskWithoutShell('helm');
