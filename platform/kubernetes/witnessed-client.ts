/** A client whose every request is noted by whoever witnesses the reads of its caller. */
import type { CallOptions, KubernetesClient } from './client.ts';
import { noteRequest } from './read-witness.ts';

export function createWitnessedClient(client: KubernetesClient): KubernetesClient {
  const noted = <How extends Pick<CallOptions, 'signal'> | undefined>(how: How): How => {
    noteRequest(how?.signal);
    return how;
  };
  return {
    get: (resource, name, how) => client.get(resource, name, noted(how)),
    list: (resource, how) => client.list(resource, noted(how)),
    listPages: (resource, how) => client.listPages(resource, noted(how)),
    create: (resource, object, how) => client.create(resource, object, noted(how)),
    apply: (resource, object, how) => client.apply(resource, object, noted(how)),
    mergePatch: (resource, name, how) => client.mergePatch(resource, name, noted(how)),
    jsonPatch: (resource, name, how) => client.jsonPatch(resource, name, noted(how)),
    replaceStatus: (resource, object, how) => client.replaceStatus(resource, object, noted(how)),
    patchStatus: (resource, name, how) => client.patchStatus(resource, name, noted(how)),
    delete: (resource, name, how) => client.delete(resource, name, noted(how)),
    watch: (resource, how) => client.watch(resource, noted(how)),
    getPath: (path, how) => client.getPath(path, noted(how)),
    close: () => client.close(),
  };
}
