import type { TaskType } from './task.ts';

/** A test: its exit status is the answer to the webhook. */
export const bash: TaskType = {
  mode: 'awaited',
  prepare: (command) => ({ ok: true, program: { file: 'bash', args: ['-c', command] } }),
};
