/** How objects are changed that can't be applied. Pure. */
import { recordAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { mergePatchTo } from './merge-patch.ts';

/**
 * The merge patch that makes each field of `desired.spec` exactly what is wanted and adds the labels and annotations.
 * What `desired` does not name stays. All parts are empty when nothing differs.
 */
export function overwritePatch(live: KubernetesObject, desired: KubernetesObject): JsonRecord {
  const { labels = {}, annotations = {} } = desired.metadata;
  const spec = recordAt(desired, 'spec') ?? {};
  return {
    metadata: {
      labels: mergePatchTo(named(live.metadata.labels, labels), labels),
      annotations: mergePatchTo(named(live.metadata.annotations, annotations), annotations),
    },
    spec: mergePatchTo(named(recordAt(live, 'spec'), spec), spec),
  };
}

/** The fields of `all` that `wanted` names, too. */
const named = (all: JsonRecord | undefined, wanted: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(all ?? {}).filter(([field]) => field in wanted));
