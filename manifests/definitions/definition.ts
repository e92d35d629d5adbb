/** The CustomResourceDefinition of a kind, and the file that it stands in. */
import { stringify } from 'yaml';
import type { Kind } from './kinds.ts';
import { structural, type Structural } from './structural.ts';
import { written } from './written.ts';

/** From the root of the project. */
export const definitionPath = ({ kind }: Kind): string => `manifests/crds/${kind.toLowerCase()}.yaml`;

/** Text of the file. */
export const definitionFile = (kind: Kind): string =>
  '# Written by `npm run crds` from canary/schema/; a test fails when this file differs from it.\n' +
  stringify(definitionOf(kind), { aliasDuplicateObjects: false, lineWidth: 120 });

/** A definition takes all of its objects with it, and Kubernetes what they own: every primary and its Services. */
const kept = {
  'helm.sh/resource-policy': 'keep',
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
};

function definitionOf({ kind, plural, columns, ...schemas }: Kind): Structural {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.flagger.app`, annotations: kept },
    spec: {
      group: 'flagger.app',
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), categories: ['all'] },
      versions: [
        {
          name: 'v1beta1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: objectSchema(schemas) },
        },
      ],
    },
  };
}

function objectSchema({ description, spec, status }: Pick<Kind, 'description' | 'spec' | 'status'>): Structural {
  return {
    description,
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structural(written(spec)),
      ...(status && { status: structural(written(status)) }),
    },
  };
}
