import { createTaskWithoutShell } from './without-shell.ts';

/** `wait --for=condition=complete job/smoke` without the word kubectl. */
export const kubectl = createTaskWithoutShell('kubectl');
