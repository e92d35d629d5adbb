// Kuma's three kinds as its 2.x line has them, cut down to what Aviary writes and the stand-in reads.
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const textMap: Schema = { type: 'object', additionalProperties: text };
const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});
const list = (items: Schema): Schema => ({ type: 'array', items });
const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
const anything: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const selection = {
  kind: oneOf('Mesh', 'MeshSubset', 'MeshService', 'MeshServiceSubset', 'MeshExternalService', 'MeshMultiZoneService'),
  labels: textMap,
  mesh: text,
  name: text,
  namespace: text,
  proxyTypes: list(text),
  sectionName: text,
  tags: textMap,
};
const targetRef = object(selection, ['kind']);
const portNumber: Schema = { type: 'integer', format: 'int32' };
const weight: Schema = { type: 'integer', minimum: 0, default: 1 };
const backendRef = object({ ...selection, port: portNumber, weight }, ['kind']);

const match = object({
  path: object({ type: oneOf('Exact', 'PathPrefix', 'RegularExpression'), value: text }, ['type', 'value']),
  method: oneOf('CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'),
  headers: list(
    object({ name: text, type: oneOf('Exact', 'Present', 'RegularExpression', 'Absent', 'Prefix'), value: text }, [
      'name',
    ]),
  ),
  queryParams: list(
    object({ name: text, type: oneOf('Exact', 'RegularExpression'), value: text }, ['name', 'type', 'value']),
  ),
});

const filter = object(
  {
    type: oneOf('RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite', 'RequestMirror'),
    requestHeaderModifier: anything,
    responseHeaderModifier: anything,
    requestRedirect: anything,
    urlRewrite: anything,
    requestMirror: object(
      { percentage: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, text] }, backendRef },
      ['backendRef'],
    ),
  },
  ['type'],
);

const rule = object(
  {
    matches: { ...list(match), minItems: 1 },
    default: object({ filters: list(filter), backendRefs: list(backendRef) }),
  },
  ['matches', 'default'],
);

const meshHttpRouteSchema = object({
  spec: object({
    targetRef,
    to: list(object({ targetRef, hostnames: list(text), rules: list(rule) }, ['targetRef'])),
  }),
});

/** Kuma's older kinds carry their mesh at the top and leave the spec unchecked. */
const uncheckedSchema = object({ mesh: text, spec: anything });

interface KumaKind {
  readonly kind: string;
  readonly singular: string;
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly shortNames?: readonly string[];
  readonly schema: Schema;
}

const kinds: readonly KumaKind[] = [
  {
    kind: 'MeshHTTPRoute',
    singular: 'meshhttproute',
    plural: 'meshhttproutes',
    scope: 'Namespaced',
    shortNames: ['mhttpr'],
    schema: meshHttpRouteSchema,
  },
  {
    kind: 'TrafficRoute',
    singular: 'trafficroute',
    plural: 'trafficroutes',
    scope: 'Cluster',
    schema: uncheckedSchema,
  },
  { kind: 'Mesh', singular: 'mesh', plural: 'meshes', scope: 'Cluster', schema: uncheckedSchema },
];

/** CustomResourceDefinitions of MeshHTTPRoute, TrafficRoute and Mesh in the dialect of Kuma 2.x. */
export function meshDefinitions(): KubernetesObject[] {
  return kinds.map(definition);
}

function definition({ kind, singular, plural, scope, shortNames = [], schema }: KumaKind): KubernetesObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.kuma.io` },
    spec: {
      group: 'kuma.io',
      scope,
      names: { kind, listKind: `${kind}List`, singular, plural, shortNames },
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}
