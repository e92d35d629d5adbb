/**
 * What a field says of itself beside its zod type, through `.meta()`: the definitions in `manifests/crds/` and
 * `docs/canary.md` are made of it.
 *
 * A zod type here has two stages. Its input is what the API server takes, as wide as the reference's definition; pipes,
 * refinements and transforms after it are what `parse.ts` asks for and makes of it.
 */

/** A rule that the API server checks when an object is written. Which rules may be such: docs/decisions, on definitions from zod. */
export interface AdmissionRule {
  /** CEL over the value, `self`; true lets the object in. */
  readonly rule: string;
  /** What was expected, and the way out; shown where `messageExpression` fails. */
  readonly message: string;
  /** CEL that says the same with the values in it. */
  readonly messageExpression?: string;
  /** Where the mistake is, from the value on: `.service.port`. */
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueForbidden';
}

/** Keywords of a structural schema that no zod type stands for, or that only the API server knows. */
export interface AdmittedForm {
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxProperties?: number;
  readonly oneOf?: readonly { readonly required: readonly string[] }[];
  readonly anyOf?: readonly { readonly required: readonly string[] }[];
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
}

declare module 'zod' {
  interface GlobalMeta {
    admitted?: AdmittedForm;
    rules?: readonly AdmissionRule[];
    /** The API server writes the default into the object; it does so nowhere else. */
    storedDefault?: string | number;
    /** What counts where the field is left out, in words, if the zod type's own default does not say it. */
    whenAbsent?: string;
  }
}
