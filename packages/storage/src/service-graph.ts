import type { EpochMillis } from '@spanloom/base';
import type { CallRow, RequestFigures, ServiceRow } from './queries/service-map.ts';
import type { PeerEntity } from './peer-entity.ts';

/** Kinds of things on the map. `service` is whatever runs code; `external` is known by its name only. */
export type EntityClass =
  | 'service'
  | 'function'
  | 'apigateway'
  | 'workflow'
  | 'database'
  | 'cache'
  | 'queue'
  | 'bus'
  | 'storage'
  | 'aws'
  | 'external';

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
function classOf(row: ServiceRow): EntityClass {
  const [most] = [...row.classes].toSorted(
    ([a, m], [b, n]) =>
      n - m || Number(a === 'service') - Number(b === 'service') || (a < b ? -1 : 1),
  );
  return most?.[0] ?? 'service';
}

/** What things are called within their environment: services by their names, others behind their class. */
export class EntityNames {
  readonly #managed = new Set<string>();
  readonly #types = new Map<string, EntityClass>();

  /** @param services Those that were entered: what is managed among them is what calls that name it mean. */
  constructor(services: readonly ServiceRow[]) {
    for (const row of services)
      this.#managed.add(JSON.stringify([row.env, classOf(row), row.service]));
  }

  /** Where a call goes that names this as its other end. */
  nameOf(env: string, { class: kind, name, type }: PeerEntity): string {
    const isService = kind === 'service' || this.#managed.has(JSON.stringify([env, kind, name]));
    const local = isService ? name : `${kind}:${name}`;
    const id = `${env}/${local}`;
    // One that says what it is says more than one that only has a name.
    if (this.#types.get(id) === undefined || type !== 'external') this.#types.set(id, type);
    return local;
  }

  /** What something is that was never entered. */
  typeOf(id: string): EntityClass {
    return this.#types.get(id) ?? 'service';
  }
}

/** Puts services and calls together. What is called or calls and was never entered gets a node too. */
export function serviceGraph(
  services: readonly ServiceRow[],
  calls: readonly CallRow[],
  names: EntityNames,
): { readonly nodes: readonly ServiceNode[]; readonly calls: readonly ServiceCall[] } {
  const nodes = new Map<string, ServiceNode>();
  for (const row of services) {
    const { env, service: name } = row;
    const id = `${env}/${name}`;
    nodes.set(id, { ...figuresOf(row), id, env, name, type: classOf(row), inferred: false });
  }
  const callers = new Set(
    calls.flatMap(({ env, caller }) => (caller === undefined ? [] : [`${env}/${caller}`])),
  );
  const addOther = (env: string, local: string, figures: typeof QUIET | RequestFigures): void => {
    const id = `${env}/${local}`;
    if (nodes.has(id)) return;
    // What calls has spans of its own, though none of them entered it in this range.
    const type = callers.has(id) && names.typeOf(id) === 'external' ? 'service' : names.typeOf(id);
    const name = local.startsWith(`${type}:`) ? local.slice(type.length + 1) : local;
    nodes.set(id, { ...figures, id, env, name, type, inferred: type !== 'service' });
  };
  const edges: ServiceCall[] = [];
  for (const row of calls) {
    const { env, caller, callee } = row;
    if (caller === undefined) addOther(env, callee, figuresOf(row));
    else edges.push({ ...figuresOf(row), env, from: `${env}/${caller}`, to: `${env}/${callee}` });
  }
  for (const { env, caller } of calls) if (caller !== undefined) addOther(env, caller, QUIET);
  return { nodes: [...nodes.values()], calls: edges };
}

/** It calls, and no request to it began in the range: a loop that runs for hours, or a queue whose senders are not traced. */
const QUIET = {
  requests: 0,
  errors: 0,
  p50: undefined,
  p95: undefined,
  p99: undefined,
  lastSeen: undefined,
} as const;

function figuresOf({ requests, errors, p50, p95, p99, lastSeen }: RequestFigures): RequestFigures {
  return { requests, errors, p50, p95, p99, lastSeen };
}
