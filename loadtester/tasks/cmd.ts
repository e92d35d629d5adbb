import type { TaskType } from './task.ts';

/** Load generation: runs behind the caller's back for as long as it takes. */
export const cmd: TaskType = {
  mode: 'queued',
  prepare: (command) => ({ ok: true, program: { file: 'sh', args: ['-c', command] } }),
};
