import type { EpochMillis } from '@spanloom/base';
import type { CallRow, RequestFigures, ServiceRow } from './queries/service-map.ts';
import type { EntityClass } from './queries/service-entity.ts';

/** Something on the map. Durations in nanoseconds; undefined where no request of the range was seen to arrive. */
export interface ServiceNode {
  /** Within one map: `prod/checkout`, `prod/database:orders`. */
  readonly id: string;
  readonly env: string;
  readonly name: string;
  readonly type: EntityClass;
  /** Known from its callers only. */
  readonly inferred: boolean;
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  readonly lastSeen: EpochMillis | undefined;
}

/** Calls between two of them, by their ids. */
export interface ServiceCall extends RequestFigures {
  readonly env: string;
  readonly from: string;
  readonly to: string;
}

/** Which of its kinds a service is: what most of its requests showed. Equal numbers go to the one that says more. */
export function classOf(row: ServiceRow): EntityClass {
  const [most] = [...row.classes].toSorted(
    ([a, m], [b, n]) =>
      n - m || Number(a === 'service') - Number(b === 'service') || (a < b ? -1 : 1),
  );
  return most?.[0] ?? 'service';
}

/** Puts services and calls together. What is called or calls and was never entered gets a node too. */
export function serviceGraph(
  services: readonly ServiceRow[],
  calls: readonly CallRow[],
): { readonly nodes: readonly ServiceNode[]; readonly calls: readonly ServiceCall[] } {
  const nodes = new Map<string, ServiceNode>();
  for (const row of services) {
    const id = nodeId(row.env, 'service', row.service);
    nodes.set(id, {
      ...figuresOf(row),
      id,
      env: row.env,
      name: row.service,
      type: classOf(row),
      inferred: false,
    });
  }
  const edges: ServiceCall[] = [];
  for (const row of calls) {
    const { env, caller, callee, hint } = row;
    const to = nodeId(env, callee.class, callee.name);
    if (caller === undefined) {
      if (nodes.has(to)) continue;
      const type = callee.class === 'service' ? hint || 'external' : callee.class;
      nodes.set(to, { ...figuresOf(row), id: to, env, name: callee.name, type, inferred: true });
      continue;
    }
    edges.push({ ...figuresOf(row), env, from: nodeId(env, caller.class, caller.name), to });
  }
  for (const row of calls) {
    if (row.caller === undefined) continue;
    const id = nodeId(row.env, row.caller.class, row.caller.name);
    if (!nodes.has(id)) nodes.set(id, quietNode(id, row));
  }
  return { nodes: [...nodes.values()], calls: edges };
}

/** It calls, and no request to it began in the range: a loop that runs for hours, or a queue whose senders are not traced. */
function quietNode(id: string, { env, caller }: CallRow): ServiceNode {
  return {
    id,
    env,
    name: caller!.name,
    type: caller!.class,
    inferred: caller!.class !== 'service',
    requests: 0,
    errors: 0,
    p50: undefined,
    p95: undefined,
    p99: undefined,
    lastSeen: undefined,
  };
}

function figuresOf({ requests, errors, p50, p95, p99, lastSeen }: RequestFigures): RequestFigures {
  return { requests, errors, p50, p95, p99, lastSeen };
}

/** An environment has no slash in it, and a service no colon in front of which a class stands, so ids stay apart. */
function nodeId(env: string, kind: EntityClass, name: string): string {
  return kind === 'service' ? `${env}/${name}` : `${env}/${kind}:${name}`;
}
