/** What runs code, what is managed, and what is known by its name only (`external`). */
export type ServiceType =
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

/** Something that takes requests: a service, or what services were seen to call. */
export interface ServiceNodeJson {
  /** Within one answer: `prod/checkout`, `prod/database:orders`. */
  readonly id: string;
  readonly service: string;
  readonly env: string;
  readonly type: ServiceType;
  /** Known from its callers only: its figures are those of the calls. */
  readonly inferred: boolean;
  readonly requests: number;
  readonly errors: number;
  /** Exact; null when no request to it began in the range. */
  readonly p50_ns: number | null;
  readonly p95_ns: number | null;
  readonly p99_ns: number | null;
  /** Start of its newest request; ISO 8601. */
  readonly last_seen: string | null;
}

/** Calls from one node to another. */
export interface ServiceEdgeJson {
  readonly from: string;
  readonly to: string;
  readonly requests: number;
  readonly errors: number;
  readonly p50_ns: number;
  readonly p95_ns: number;
  readonly p99_ns: number;
}

/** What of the range asked for an answer is made of. */
export interface ServicesCoverage {
  /** ISO 8601. Later than asked for when the range holds more spans than one question may read. */
  readonly from: string;
  readonly to: string;
  readonly spans: number;
  /** All of the range was read. */
  readonly complete: boolean;
  /** There were more services or calls than are looked at; the rarest are missing. */
  readonly truncated: boolean;
}

/** `GET /api/service-map` */
export interface ServiceMapResponse {
  readonly nodes: readonly ServiceNodeJson[];
  readonly edges: readonly ServiceEdgeJson[];
  readonly coverage: ServicesCoverage;
}

/** One row of the list of services. */
export interface ServiceJson extends ServiceNodeJson {
  /** Ids of what calls it, and of what it calls. */
  readonly callers: readonly string[];
  readonly callees: readonly string[];
}

/** `GET /api/services` */
export interface ServicesResponse {
  /** Most requests first. */
  readonly services: readonly ServiceJson[];
  readonly coverage: ServicesCoverage;
}
