import { asObject, parseAnswer } from './answer.ts';
import {
  type ApplyOptions,
  type CallOptions,
  type DeleteOptions,
  type JsonPatch,
  type KubernetesClient,
  type KubernetesVerb,
  type MergePatch,
  type WriteOptions,
} from './client.ts';
import { KubernetesError, isKubernetesError } from './error.ts';
import { isRecord } from '../json.ts';
import { type KubernetesObject, type ObjectName, type ObjectToWrite, nameOf } from './object.ts';
import { type Query, creationPath, objectPath, queryText, resourceLabel } from './path.ts';
import type { Call, Transport } from './transport.ts';
import { type Resource, apiVersionOf } from './resources.ts';

export type KubernetesWriter = Pick<
  KubernetesClient,
  'create' | 'apply' | 'mergePatch' | 'jsonPatch' | 'replaceStatus' | 'patchStatus' | 'delete'
>;

export interface WriterOptions {
  readonly transport: Pick<Transport, 'send'>;
  /** Of writes that name nobody else. */
  readonly fieldManager: string;
}

/** The methods that write. */
export function createWriter({ transport, fieldManager }: WriterOptions): KubernetesWriter {
  const signed = <Options extends WriteOptions>(options: Options): Options => ({
    ...options,
    fieldManager: options.fieldManager ?? fieldManager,
  });
  const write = async (resource: Resource, call: Call): Promise<KubernetesObject> => {
    const answer = parseAnswer(await transport.send(call), call.action);
    return asObject(answer, { resource, action: call.action });
  };
  return {
    create: async (resource, object, options = {}) => write(resource, createCall(resource, object, signed(options))),
    apply: async (resource, object, options = {}) => write(resource, applyCall(resource, object, signed(options))),
    mergePatch: async (resource, name, patch) =>
      write(resource, patchCall(resource, name, { patch: signed(patch), subresource: '' })),
    jsonPatch: async (resource, name, patch) => {
      const call = jsonPatchCall(resource, name, signed(patch));
      return write(resource, call).catch((error: unknown) => conflictOfUnfit(error, call));
    },
    patchStatus: async (resource, name, patch) =>
      write(resource, patchCall(resource, name, { patch: signed(patch), subresource: '/status' })),
    replaceStatus: async (resource, object, options = {}) =>
      write(resource, statusCall(resource, object, signed(options))),
    delete: async (resource, name, options = {}) => {
      await transport.send(deleteCall(resource, name, options));
    },
  };
}

function createCall(resource: Resource, object: ObjectToWrite, options: WriteOptions): Call {
  return {
    ...writing({ verb: 'create', resource, name: object.metadata, options }),
    method: 'POST',
    path: creationPath(resource, object.metadata) + writeQuery(options),
    body: json(withType(resource, object)),
    repeatable: false,
  };
}

function applyCall(resource: Resource, object: ObjectToWrite, options: ApplyOptions): Call {
  const resourceVersion = options.resourceVersion ?? object.metadata.resourceVersion;
  // The server refuses an apply that carries managedFields, as every object read from it does.
  const metadata = { ...object.metadata, resourceVersion, managedFields: undefined };
  const force = { force: options.force === true };
  return {
    ...writing({ verb: 'apply', resource, name: object.metadata, options }),
    method: 'PATCH',
    path: objectPath(resource, object.metadata) + writeQuery(options, force),
    body: { contentType: 'application/apply-patch+yaml', json: { ...withType(resource, object), metadata } },
    repeatable: resourceVersion === undefined,
  };
}

interface PatchTarget {
  patch: MergePatch;
  subresource: '' | '/status';
}

function patchCall(resource: Resource, name: ObjectName, { patch: options, subresource }: PatchTarget): Call {
  const { patch, resourceVersion } = options;
  const metadata = isRecord(patch['metadata']) ? patch['metadata'] : {};
  const guarded = resourceVersion === undefined ? patch : { ...patch, metadata: { ...metadata, resourceVersion } };
  return {
    ...writing({ verb: 'patch', resource, name, options, subresource }),
    method: 'PATCH',
    path: objectPath(resource, name) + subresource + writeQuery(options),
    body: { contentType: 'application/merge-patch+json', json: guarded },
    repeatable: resourceVersion === undefined,
  };
}

function jsonPatchCall(resource: Resource, name: ObjectName, patch: JsonPatch): Call {
  return {
    ...writing({ verb: 'patch', resource, name, options: patch }),
    method: 'PATCH',
    path: objectPath(resource, name) + writeQuery(patch),
    body: { contentType: 'application/json-patch+json', json: patch.operations },
    repeatable: false,
  };
}

/** What the API server says of a patch whose `test` does not hold, or whose path is not there; of values it says more. */
const unfit = /the server rejected our request due to an error in our request/;

function conflictOfUnfit(error: unknown, { action }: Call): never {
  if (!isKubernetesError(error, 'invalid') || !unfit.test(error.message)) throw error;
  const { status, reason, message } = error;
  const detail = `${message.slice(action.length + 2)} (the object is not as the patch expects it)`;
  throw new KubernetesError({ kind: 'conflict', action, detail, status, reason, cause: error });
}

function statusCall(resource: Resource, object: ObjectToWrite, options: WriteOptions): Call {
  const call = {
    ...writing({ verb: 'replace', resource, name: object.metadata, options, subresource: '/status' }),
    method: 'PUT',
    path: `${objectPath(resource, object.metadata)}/status${writeQuery(options)}`,
    body: json(withType(resource, object)),
    // Sent twice, the second would be refused as a conflict with the first.
    repeatable: false,
  } as const;
  if (object.metadata.resourceVersion !== undefined) return call;
  const detail = 'expected metadata.resourceVersion of the object as read, got none; nothing was sent';
  throw new KubernetesError({ kind: 'invalid', action: call.action, detail });
}

function deleteCall(resource: Resource, name: ObjectName, options: DeleteOptions): Call {
  const { uid, resourceVersion, propagation } = options;
  const preconditions = { uid, resourceVersion };
  return {
    ...writing({ verb: 'delete', resource, name, options }),
    method: 'DELETE',
    path: objectPath(resource, name),
    body: json({ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: propagation, preconditions }),
    repeatable: true,
  };
}

interface Writing {
  verb: KubernetesVerb;
  resource: Resource;
  name: ObjectName;
  options: CallOptions;
  subresource?: '' | '/status';
}

const writing = ({ verb, resource, name, options, subresource = '' }: Writing) => ({
  action: `${verb} ${subresource === '' ? '' : 'status of '}${resource.kind} ${nameOf(name)}`,
  verb,
  resource: resourceLabel(resource),
  signal: options.signal,
  timeoutMs: options.timeoutMs,
});

const json = (value: unknown) => ({ contentType: 'application/json', json: value });

const withType = (resource: Resource, object: ObjectToWrite): ObjectToWrite => ({
  ...object,
  apiVersion: apiVersionOf(resource),
  kind: resource.kind,
});

function writeQuery(options: WriteOptions, more: Query = {}): string {
  return queryText({
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === true ? 'All' : undefined,
    ...more,
  });
}
