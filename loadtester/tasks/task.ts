/** A program and its arguments, as they are handed to the operating system. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

export type Prepared =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly problem: string };

/** One value of `metadata.type`. */
export interface TaskType {
  /** `queued`: the caller is answered at once. `awaited`: the caller waits for the result. */
  readonly mode: 'queued' | 'awaited';
  /** The program that runs `cmd`, which is never empty, or what is wrong with it. */
  prepare(cmd: string): Prepared;
}
