/** kubectl as users have it. */
import { readEnvironment } from '../../sandbox/environment.ts';
import { createParts } from '../../sandbox/parts/resolve.ts';
import { silent } from '../../sandbox/progress.ts';
import { runOrThrow } from '../../sandbox/run.ts';

/**
 * Runs it as the cluster's administrator and returns what it prints.
 * @param cwd what relative paths among the words start from
 * @throws Error with what it said when it fails
 */
export async function kubectlOn(
  { kubeconfigPath }: { readonly kubeconfigPath: string },
  words: readonly string[],
  cwd?: string,
): Promise<string> {
  const { kubectl } = await createParts(readEnvironment(), silent).get(['kubectl']);
  const argv = [kubectl.path, `--kubeconfig=${kubeconfigPath}`, ...words] as const;
  return runOrThrow({ argv, seconds: 120, ...(cwd === undefined ? {} : { cwd }) });
}
