import { splitWords } from '../split-words.ts';
import type { TaskType } from './task.ts';

/** A test that is one program of its own: `cmd` holds its arguments, and no shell reads them. */
export function createTaskWithoutShell(file: string): TaskType {
  return {
    mode: 'awaited',
    prepare: (command) => {
      const split = splitWords(command);
      return split.ok ? { ok: true, program: { file, args: split.words } } : split;
    },
  };
}
