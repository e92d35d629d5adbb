/** A structural schema, as a CustomResourceDefinition has it, of what is written about a zod schema. */
import { without } from '../../canary/parse-fields.ts';
import type { AdmissionRule } from '../../canary/schema/meta.ts';
import { absence, mapped, type Written } from './written.ts';

export type Structural = Readonly<Record<string, unknown>>;

/** The keys come in one order, so that a change of the source shows as few changed lines. */
export function structural(field: Written): Structural {
  const { admitted = {}, rules, storedDefault } = field;
  const required = admitted.required ?? field.required ?? [];
  return {
    ...descriptionOf(field),
    ...typeOf(field),
    ...bounds(field),
    ...(storedDefault !== undefined && { default: storedDefault }),
    ...without(admitted, ['required']),
    ...(rules && { 'x-kubernetes-validations': rules.map(validation) }),
    ...(required.length > 0 && { required }),
    ...partsOf(field),
  };
}

/** An object with known fields drops the others or keeps them, but can't give them a form too. */
function partsOf({ properties, items, additionalProperties }: Written): Structural {
  if (properties) return { properties: mapped(properties, structural) };
  if (items) return { items: structural(items) };
  return additionalProperties ? { additionalProperties: structural(additionalProperties) } : {};
}

/** What `kubectl explain` shows. */
function descriptionOf(field: Written): Structural {
  const { description } = field;
  const absent = absence(field);
  if (description === undefined) return {};
  const isPlain = absent === undefined || absent === '' || absent === 'false';
  return { description: isPlain ? description : `${description} Default: ${absent.replaceAll('`', '')}.` };
}

function typeOf({ type, enum: values, admitted = {} }: Written): Structural {
  if (admitted['x-kubernetes-int-or-string']) return {};
  return { ...(type !== undefined && { type }), ...(values && { enum: values }) };
}

function bounds({ minimum, maximum, maxItems }: Written): Structural {
  return {
    // zod says of every integer that it is a safe one.
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
    ...(maxItems !== undefined && { maxItems }),
  };
}

const validation = ({ rule, message, messageExpression, fieldPath, reason }: AdmissionRule): Structural => ({
  rule,
  message,
  ...(messageExpression !== undefined && { messageExpression }),
  ...(fieldPath !== undefined && { fieldPath }),
  ...(reason !== undefined && { reason }),
});
