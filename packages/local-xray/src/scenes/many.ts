import { fractionOf } from '../trace-id.ts';
import { apiToLambda } from './api-gateway.ts';
import { hostService } from './hosts.ts';
import { lambdaInvocation } from './lambda.ts';
import type { Scene, SceneDocument } from './scene-clock.ts';

/** A trace of a load, with when its documents can be seen. */
export interface LoadTrace {
  readonly traceId: string;
  readonly steps: readonly {
    readonly visibleAt: number;
    readonly documents: readonly SceneDocument[];
  }[];
}

/** What a load is like. */
export interface LoadOptions {
  /** When the first trace begins, and the last one, in epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** The share of traces that get more documents later. Default: 0.2. */
  readonly growing?: number;
  /** How long after its trace's beginning a late document may come. Default: 10 minutes. */
  readonly growthMs?: number;
  readonly account?: string;
  readonly region?: string;
}

/**
 * So many traces, spread evenly over a time, one after the other: the same for the same seed.
 *
 * Most are a function behind an API or alone, some a service on a host. What does not grow can be seen as a whole half a second after it ended.
 */
export function* many(count: number, seed: string, options: LoadOptions): Generator<LoadTrace> {
  const growing = options.growing ?? 0.2;
  const growthMs = options.growthMs ?? 600_000;
  const spacing = count > 1 ? (options.to - options.from) / (count - 1) : 0;
  for (let index = 0; index < count; index++) {
    const name = `${seed} ${index}`;
    const at = Math.round(options.from + index * spacing);
    const scene = sceneOf(name, at, options);
    const settledAt = at + 1500;
    const [first, ...others] = scene.documents;
    if (others.length === 0 || fractionOf(`${name} grows`) >= growing) {
      yield {
        traceId: scene.traceId,
        steps: [{ visibleAt: settledAt, documents: scene.documents }],
      };
      continue;
    }
    yield {
      traceId: scene.traceId,
      steps: [
        // At first there is only word that it has begun.
        { visibleAt: at + 500, documents: [inProgress(first!)] },
        { visibleAt: settledAt, documents: [first!] },
        ...others.map((document, other) => ({
          visibleAt: settledAt + Math.round(fractionOf(`${name} ${other}`) * growthMs),
          documents: [document],
        })),
      ],
    };
  }
}

function sceneOf(seed: string, at: number, { account, region }: LoadOptions): Scene {
  const options = {
    at,
    seed,
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
  };
  const kind = fractionOf(`${seed} kind`);
  const outcome = fractionOf(`${seed} outcome`) < 0.03 ? 'failed' : 'ok';
  const coldStart = fractionOf(`${seed} cold`) < 0.05;
  if (kind < 0.5) return apiToLambda({ ...options, outcome, coldStart });
  if (kind < 0.85) return lambdaInvocation({ ...options, outcome, coldStart, table: 'orders' });
  return hostService({ ...options, outcome });
}

function inProgress(document: SceneDocument): SceneDocument {
  const { end_time: _, subsegments: __, ...begun } = document;
  return { ...(begun as SceneDocument), in_progress: true };
}
