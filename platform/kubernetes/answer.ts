import { arrayAt, isRecord, stringAt } from '../json.ts';
import type { ObjectPage } from './client.ts';
import { KubernetesError } from './error.ts';
import type { KubernetesObject } from './object.ts';
import { type Resource, apiVersionOf } from './resources.ts';

export interface AnswerContext {
  resource: Resource;
  /** What was done, for the message. */
  action: string;
}

/** A page with the token of the next one. */
export interface ParsedPage extends ObjectPage {
  continueToken: string | undefined;
}

/** Parses the body of an answer as JSON. Throws KubernetesError `other`. */
export function parseAnswer(body: string, action: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new KubernetesError({ kind: 'other', action, detail: 'expected JSON from the API server, got none', cause });
  }
}

/**
 * Checks that the value is an object with a name. Items of a list come without apiVersion and kind, and metadata-only answers
 * with those of PartialObjectMetadata: both get the resource's. The value is changed in place, it has just been parsed.
 */
export function asObject(value: unknown, { resource, action }: AnswerContext): KubernetesObject {
  if (!isRecord(value) || stringAt(value, 'metadata', 'name') === undefined) {
    throw new KubernetesError({ kind: 'other', action, detail: `expected a ${resource.kind}, got something else` });
  }
  if (value['apiVersion'] === undefined || value['kind'] === 'PartialObjectMetadata') {
    value['apiVersion'] = apiVersionOf(resource);
    value['kind'] = resource.kind;
  }
  return value as KubernetesObject;
}

export function asPage(value: unknown, context: AnswerContext): ParsedPage {
  const resourceVersion = stringAt(value, 'metadata', 'resourceVersion');
  if (resourceVersion === undefined) {
    const detail = `expected a list of ${context.resource.kind}, got something else`;
    throw new KubernetesError({ kind: 'other', action: context.action, detail });
  }
  return {
    items: arrayAt(value, 'items').map((item) => asObject(item, context)),
    resourceVersion,
    continueToken: stringAt(value, 'metadata', 'continue') || undefined,
  };
}
