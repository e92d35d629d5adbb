// The parts of Services and EndpointSlices that the mesh looks at, checked at the door.
import { z } from 'zod';

const metadata = z.object({
  name: z.string(),
  namespace: z.string().default('default'),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});

export const serviceSchema = z.object({
  metadata,
  spec: z.object({
    clusterIP: z.string().optional(),
    ports: z
      .array(z.object({ name: z.string().default(''), port: z.number().int(), appProtocol: z.string().optional() }))
      .default([]),
  }),
});

export const endpointSliceSchema = z.object({
  metadata,
  addressType: z.string(),
  // The API server writes null, not an empty list, for a Service without pods.
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string()),
        conditions: z
          .object({
            ready: z.boolean().optional(),
            serving: z.boolean().optional(),
            terminating: z.boolean().optional(),
          })
          .default({}),
      }),
    )
    .nullish(),
  ports: z.array(z.object({ name: z.string().default(''), port: z.number().int().optional() })).nullish(),
});

export type Service = z.infer<typeof serviceSchema>;
export type EndpointSlice = z.infer<typeof endpointSliceSchema>;
