// The parts of Kuma's route objects that the stand-in honours, checked at the door.
import { z } from 'zod';

/** A destination by name (2.x) or by labels (3.x); `port` may stand in for `sectionName`. */
const targetRef = z.object({
  kind: z.string(),
  name: z.string().optional(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  sectionName: z.string().optional(),
  port: z.number().int().optional(),
});

const match = z.object({
  path: z.object({ type: z.enum(['Exact', 'PathPrefix', 'RegularExpression']), value: z.string() }).optional(),
  method: z.string().optional(),
  headers: z
    .array(
      z.object({
        name: z.string(),
        type: z.enum(['Exact', 'Present', 'RegularExpression', 'Absent', 'Prefix']).default('Exact'),
        value: z.string().default(''),
      }),
    )
    .default([]),
  queryParams: z
    .array(z.object({ name: z.string(), type: z.enum(['Exact', 'RegularExpression']), value: z.string() }))
    .default([]),
});

const mirrorFilter = z.object({
  type: z.literal('RequestMirror'),
  requestMirror: z.object({
    percentage: z.union([z.number(), z.string()]).default(100).transform(Number),
    backendRef: targetRef,
  }),
});

const rule = z.object({
  matches: z.array(match).min(1),
  default: z.object({
    filters: z.array(mirrorFilter).default([]),
    backendRefs: z.array(targetRef.extend({ weight: z.number().int().min(0).default(1) })).default([]),
  }),
});

const metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  labels: z.record(z.string(), z.string()).default({}),
});

export const meshHttpRouteSchema = z.object({
  metadata,
  spec: z.object({ to: z.array(z.object({ targetRef, rules: z.array(rule).default([]) })).default([]) }),
});

const serviceTag = z.record(z.string(), z.string());

export const trafficRouteSchema = z.object({
  metadata,
  mesh: z.string().default('default'),
  spec: z.object({
    destinations: z.array(z.object({ match: serviceTag })).default([]),
    conf: z.object({
      split: z.array(z.object({ weight: z.number().int().min(0), destination: serviceTag })).default([]),
      destination: serviceTag.optional(),
    }),
  }),
});

export type TargetRef = z.infer<typeof targetRef>;
export type HttpMatch = z.infer<typeof match>;
export type HttpRule = z.infer<typeof rule>;
export type MeshHttpRoute = z.infer<typeof meshHttpRouteSchema>;
export type TrafficRoute = z.infer<typeof trafficRouteSchema>;
