import type { TraceId } from '@spanloom/base';
import type { Span } from '@spanloom/model';
import {
  apm,
  type Document,
  INVOCATION,
  metadata,
  REQUEST_ID,
  T63,
  XRAY,
  xrayRequest,
} from './lambda-world.test.support.ts';

/** What a Lambda library does with the contexts it is given: a row of the table in `docs/merging.md`. */
export interface LibraryRow {
  readonly library: string;
  /** Whether the event brought a context of a tracer. */
  readonly event: boolean;
  readonly traceId: 'new' | 'xray' | 'event';
  readonly parent: 'none' | 'xray' | 'event';
  /** `_dd.parent_source` */
  readonly parentSource: string | undefined;
  /** Whether the library tells X-Ray what it continues. */
  readonly metadata: boolean;
  /** Whether it makes up a span for the trigger. */
  readonly inferred: boolean;
}

export const LIBRARY_ROWS: readonly LibraryRow[] = [
  {
    library: 'Node, no merging, no event',
    event: false,
    traceId: 'new',
    parent: 'none',
    parentSource: undefined,
    metadata: false,
    inferred: true,
  },
  {
    library: 'Node, merging, no event',
    event: false,
    traceId: 'xray',
    parent: 'xray',
    parentSource: 'xray',
    metadata: false,
    inferred: true,
  },
  {
    library: 'Node, event',
    event: true,
    traceId: 'event',
    parent: 'event',
    parentSource: 'event',
    metadata: true,
    inferred: true,
  },
  {
    library: 'Python, no merging, no event',
    event: false,
    traceId: 'new',
    parent: 'none',
    parentSource: undefined,
    metadata: false,
    inferred: true,
  },
  {
    library: 'Python, merging, no event',
    event: false,
    traceId: 'xray',
    parent: 'xray',
    parentSource: 'xray',
    metadata: false,
    inferred: true,
  },
  {
    library: 'Python, no merging, event',
    event: true,
    traceId: 'event',
    parent: 'event',
    parentSource: undefined,
    metadata: true,
    inferred: true,
  },
  {
    library: 'Python, merging, event',
    event: true,
    traceId: 'event',
    parent: 'xray',
    parentSource: undefined,
    metadata: true,
    inferred: true,
  },
  {
    library: 'Go, merging, event',
    event: true,
    traceId: 'event',
    parent: 'xray',
    parentSource: 'xray',
    metadata: true,
    inferred: false,
  },
  {
    library: 'Go, merging, no event',
    event: false,
    traceId: 'xray',
    parent: 'xray',
    parentSource: 'xray',
    metadata: false,
    inferred: false,
  },
  {
    library: 'Go, no merging, event',
    event: true,
    traceId: 'event',
    parent: 'event',
    parentSource: undefined,
    metadata: true,
    inferred: false,
  },
  {
    library: 'Ruby, merging, no event',
    event: false,
    traceId: 'xray',
    parent: 'xray',
    parentSource: 'XRAY',
    metadata: false,
    inferred: false,
  },
  {
    library: 'Ruby, event',
    event: true,
    traceId: 'event',
    parent: 'event',
    parentSource: 'EVENT',
    metadata: true,
    inferred: false,
  },
  {
    library: 'extension (Java, .NET), no event',
    event: false,
    traceId: 'new',
    parent: 'none',
    parentSource: undefined,
    metadata: false,
    inferred: true,
  },
  {
    library: 'extension (Java, .NET), event',
    event: true,
    traceId: 'event',
    parent: 'event',
    parentSource: undefined,
    metadata: false,
    inferred: true,
  },
];

/** The trace of the host that called, with both halves of its id. */
export const EVENT_TRACE: TraceId = { hi: 0x66f2a1c300000000n, lo: 6153737369425722316n };
const HOST = 0x1111n;
const HOST_CALL = 9987766529843781873n;
const NEW_TRACE: TraceId = { hi: 0x66f2a1c400000000n, lo: 0x2222n };

const LAMBDA = 3115450110225449362n;
const TRIGGER = 0x3333n;
export const QUERY = 0x4444n;

export interface World {
  readonly documents: readonly Document[];
  readonly apm: readonly Span[];
  /** Every id that the trace may be asked for by, by what it is an id of. */
  readonly apmIds: readonly TraceId[];
  readonly xrayIds: readonly TraceId[];
}

/** One request as a library row has it reported. */
export function worldOf(
  row: LibraryRow,
  env: { readonly apm: string; readonly xray: string },
  withTrigger: boolean,
): World {
  const traceId =
    row.traceId === 'xray'
      ? { hi: 0n, lo: T63 }
      : row.traceId === 'event'
        ? EVENT_TRACE
        : NEW_TRACE;
  const parentId =
    row.parent === 'xray' ? INVOCATION : row.parent === 'event' ? HOST_CALL : undefined;
  const common = { traceId, env: env.apm };
  const trigger = withTrigger && row.inferred;
  const spans: Span[] = [
    apm(LAMBDA, 'aws.lambda', [621, 1149], {
      ...common,
      parentId: trigger ? TRIGGER : parentId,
      kind: 'server',
      functionName: 'orders-api',
      meta: {
        request_id: REQUEST_ID,
        cold_start: 'true',
        'customer.tier': 'gold',
        ...(row.parentSource !== undefined && { '_dd.parent_source': row.parentSource }),
      },
    }),
    apm(QUERY, 'postgres.query', [800, 900], { ...common, parentId: LAMBDA }),
  ];
  if (trigger) {
    spans.push(
      apm(TRIGGER, 'aws.apigateway', [251, 1151], {
        ...common,
        parentId,
        service: 'api.example.test',
        meta: {
          '_inferred_span.tag_source': 'self',
          '_inferred_span.synchronicity': 'sync',
          request_id: REQUEST_ID,
          apiid: 'k3j4h5g6f7',
          stage: 'prod',
          'http.route': '/orders',
        },
      }),
    );
  }
  if (row.event) {
    const host = { traceId: EVENT_TRACE, env: env.apm, service: 'web-shop' };
    spans.push(
      apm(HOST, 'web.request', [100, 1300], { ...host, kind: 'server' }),
      apm(HOST_CALL, 'http.request', [200, 1250], { ...host, kind: 'client', parentId: HOST }),
    );
  }
  const documents = xrayRequest(env.xray);
  if (row.metadata) {
    const trace = {
      'trace-id': String(EVENT_TRACE.lo),
      'parent-id': String(HOST_CALL),
      'sampling-priority': 1,
    };
    documents.push(metadata({ trace }));
  }
  const apmIds = [traceId, { hi: 0n, lo: traceId.lo }];
  return {
    documents,
    apm: spans,
    apmIds,
    xrayIds: [XRAY, ...(row.traceId === 'xray' ? [{ hi: 0n, lo: T63 }] : [])],
  };
}

const INNER = [
  'x:orders-api',
  '  x:orders-api',
  '    x:Initialization',
  '    x:Invocation',
  '      x:## index.handler',
  '        x:DynamoDB',
];

/** The one right tree of a row, both halves there and of one environment. */
export function rightTree(row: LibraryRow): string[] {
  const isFolded = row.parentSource?.toLowerCase() === 'xray';
  const work = isFolded ? ['      postgres.query'] : ['      aws.lambda', '        postgres.query'];

  const inside = [...INNER, ...work, '    x:Overhead'];
  const gateway = ['x:shop-api/prod', '  x:Lambda', ...inside.map((line) => `    ${line}`)];
  if (!row.event) return gateway;
  return ['web.request', '  http.request', ...gateway.map((line) => `    ${line}`)];
}
