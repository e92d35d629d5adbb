import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A new folder that is removed when the test has ended. */
export async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'aviary-test-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
