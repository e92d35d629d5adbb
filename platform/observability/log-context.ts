/** Fields that every line carries that is logged while some work goes on, whoever logs it. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Facts of a log line. An error goes under `err`. Never a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

const storage = new AsyncLocalStorage<Record<string, unknown>>();

/** Lines that the work logs carry these fields, and those of the work around it. */
export const withLogFields = <T>(fields: LogFields, work: () => T): T =>
  storage.run({ ...storage.getStore(), ...fields }, work);

/** For what becomes known on the way: lines from now on, up to the end of the work, carry it. */
export function addLogFields(fields: LogFields): void {
  const store = storage.getStore();
  if (store !== undefined) Object.assign(store, fields);
}

/** A copy: whoever is given it may write to it. */
export const currentLogFields = (): Record<string, unknown> => ({ ...storage.getStore() });
