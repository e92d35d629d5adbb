import { sha256Hex } from '../../platform/hash.ts';
import type { Payload } from '../payload.ts';
import { isTrue } from '../payload.ts';
import { bash } from './bash.ts';
import { cmd } from './cmd.ts';
import { helm } from './helm.ts';
import { kubectl } from './kubectl.ts';
import type { Program, TaskType } from './task.ts';

/** Every task type by its name in `metadata.type` (spec/loadtester.md section 3). */
const taskTypes: ReadonlyMap<string, TaskType> = new Map([
  ['cmd', cmd],
  ['bash', bash],
  ['helm', helm],
  ['helmv3', helm],
  ['kubectl', kubectl],
]);

/** A task that can be run. */
export interface Task {
  /** Equal for equal tasks of one canary. A digest, because a command may hold what must not reach Redis or the log. */
  readonly id: string;
  /** As named in the payload. */
  readonly type: string;
  readonly mode: TaskType['mode'];
  /** `{name}.{namespace}` */
  readonly canary: string;
  /** As written in the payload. */
  readonly cmd: string;
  readonly program: Program;
  /** Write the output of a queued task to the log. */
  readonly logOutput: boolean;
  /** Answer an awaited task with the output. */
  readonly returnOutput: boolean;
}

export type TaskChoice = { readonly ok: true; readonly task: Task } | { readonly ok: false; readonly problem: string };

/** The task that a payload asks for, or the text of the 400. */
export function chooseTask({ name, namespace, metadata }: Payload): TaskChoice {
  if (Object.keys(metadata).length === 0) return refused('metadata not found in payload');
  const type = metadata['type'] || 'cmd';
  const taskType = taskTypes.get(type);
  if (taskType === undefined)
    return refused(`unknown task type ${type}, expected one of ${[...taskTypes.keys()].join(', ')}`);
  const command = metadata['cmd'] ?? '';
  if (command.trim() === '') return refused('cmd not found in metadata');
  if (command.includes('\0')) return refused('cmd: expected text without zero bytes, which no program can be given');
  const prepared = taskType.prepare(command);
  if (!prepared.ok) return prepared;
  const canary = `${name}.${namespace}`;
  return {
    ok: true,
    task: {
      id: sha256Hex(JSON.stringify([canary, type, command])),
      type,
      mode: taskType.mode,
      canary,
      cmd: command,
      program: prepared.program,
      logOutput: isTrue(metadata['logCmdOutput']),
      returnOutput: isTrue(metadata['returnCmdOutput']),
    },
  };
}

const refused = (problem: string): TaskChoice => ({ ok: false, problem });
