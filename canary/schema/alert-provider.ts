/** Schema of an AlertProvider. Rules: canary-api.md section 9. */
import { z } from 'zod';
import { optionalText, text } from './fields.ts';
import { conditionsSchema } from './status.ts';

/** Types of receiver that an AlertProvider may name. Which of them can be sent to: `worker/notifiers/registry.ts`. */
export const alertProviderTypes = ['slack', 'msteams', 'discord', 'rocket', 'gchat'] as const;

const textElse = (otherwise: string) => optionalText.transform((value) => value ?? otherwise);

/** `spec` as it is written. The reference refuses an address beside a secretRef; here it is the fallback of the Secret. */
export const alertProviderSpec = z
  .object(
    {
      type: text
        .optional()
        .default('')
        .meta({ description: 'What receives the alerts.', admitted: { enum: alertProviderTypes } }),
      channel: textElse('general').meta({ description: 'Channel that alerts are sent to.', whenAbsent: 'general' }),
      username: textElse('flagger').meta({ description: 'Name that they are sent under.', whenAbsent: 'flagger' }),
      address: optionalText.meta({ description: 'URL of the receiver. It often is a secret: then use secretRef.' }),
      proxy: optionalText.meta({
        description: 'URL of an HTTP proxy.',
        whenAbsent: "the process's own proxy settings",
      }),
      secretRef: z
        .object({ name: text.meta({ description: 'Name of the Secret.' }) }, { error: 'an object with a name' })
        .optional()
        .meta({
          description: 'Secret with the keys address and, for Slack, token, in the namespace of this object.',
        }),
    },
    { error: 'an object with a type, and an address or a secretRef' },
  )
  .meta({
    description: 'Who receives.',
    admitted: { anyOf: [{ required: ['type', 'address'] }, { required: ['type', 'secretRef'] }] },
  });

/** Declared by the reference, and written by nobody. */
export const alertProviderStatus = z
  .object({ conditions: conditionsSchema.meta({ description: 'Not written by anybody.' }) })
  .meta({ description: 'Not written by anybody.' });
