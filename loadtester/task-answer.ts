import type { Answer } from './answer.ts';
import { accepted, badRequest, ok, unavailable } from './answer.ts';
import type { Payload } from './payload.ts';
import type { CommandResult } from './run-command.ts';
import { isSuccess, wordFailure } from './run-command.ts';
import type { Runner } from './runner.ts';
import type { Task } from './tasks/table.ts';
import { chooseTask } from './tasks/table.ts';

/** Does what a payload asks for (spec/loadtester.md section 3). Throws StoreUnavailableError for a queued task. */
export async function answerTask(runner: Runner, payload: Payload): Promise<Answer> {
  const choice = chooseTask(payload);
  if (!choice.ok) return badRequest(choice.problem);
  const { task } = choice;
  if (task.mode === 'awaited') return answerResult(task, await runner.run(task));
  const outcome = await runner.enqueue(task);
  // One that is already on its way is as good as accepted: the caller wants the load, not a process of its own.
  return outcome === 'stopping' ? unavailable('the load tester is shutting down, try again') : accepted;
}

function answerResult(task: Task, result: CommandResult): Answer {
  if (isSuccess(result)) return task.returnOutput ? ok(result.output) : { status: 200 };
  const failure = `command ${task.cmd} failed: ${result.output}: ${wordFailure(result)}`;
  return result.kind === 'stopped' ? unavailable(failure) : { status: 500, body: failure };
}
