import type { WatchedCalls } from '../watched-calls.ts';
import type {
  FetchPage,
  ListPage,
  ListRequest,
  RetrievalPage,
  SegmentDestination,
} from '../xray-calls.ts';

/** A trace, as it is at a time and after. */
export interface FakeStep {
  readonly at: number;
  readonly documents: readonly string[];
}

/** X-Ray of one region in a few lines: enough to try the crawler's own logic without a socket. */
export class FakeCalls implements WatchedCalls {
  readonly traces: Map<string, readonly FakeStep[]> = new Map();
  readonly log: {
    readonly operation: string;
    readonly ids?: readonly string[];
    readonly request?: ListRequest;
  }[] = [];
  readonly limitExceeded: Set<string> = new Set();
  /** Consulted before each call; throws what the call shall fail with. */
  interfere: (
    operation: string,
    detail: { readonly nextToken?: string | undefined; readonly ids?: readonly string[] },
  ) => void = () => undefined;
  /** Ids that BatchGetTraces leaves unprocessed, or does not mention. */
  withhold: (id: string) => 'unprocessed' | 'absent' | undefined = () => undefined;
  segmentDestination: SegmentDestination = { kind: 'xray', active: true };
  pageSize = 10;
  /** What its clock shows beside ours. */
  offsetMs = 0;
  readonly #now: () => number;
  readonly #retrievals = new Map<string, { ids: readonly string[]; polls: number }>();

  constructor(now: () => number) {
    this.#now = () => now() + this.offsetMs;
  }

  async listTraces(request: ListRequest): Promise<ListPage> {
    this.log.push({ operation: 'GetTraceSummaries', request });
    this.interfere('GetTraceSummaries', request);
    return this.#list(request.from, request.to, request.nextToken);
  }

  async listSpanRecords(request: {
    from: number;
    to: number;
    nextToken: string | undefined;
  }): Promise<ListPage> {
    this.log.push({ operation: 'FilterLogEvents' });
    this.interfere('FilterLogEvents', request);
    const page = this.#list(request.from, request.to, request.nextToken);
    return {
      ...page,
      scanned: 0,
      traces: page.traces.map(({ xrayId }) => ({
        xrayId,
        revision: this.#visible(xrayId).at(-1)!.at,
        endMs: undefined,
      })),
    };
  }

  async fetchTraces(ids: readonly string[]): Promise<FetchPage> {
    this.log.push({ operation: 'BatchGetTraces', ids });
    this.interfere('BatchGetTraces', { ids });
    if (ids.length > 5)
      throw awsError('InvalidRequestException', 'Exceeding maximum query size: 5', 400);
    const unprocessed: string[] = [];
    const traces = ids.flatMap((id) => {
      const withheld = this.withhold(id);
      if (withheld === 'unprocessed') unprocessed.push(id);
      const step = this.#visible(id).at(-1);
      if (withheld !== undefined || step === undefined) return [];
      return [{ xrayId: id, documents: step.documents, limitExceeded: this.limitExceeded.has(id) }];
    });
    return { traces, unprocessed, nextToken: undefined };
  }

  async destination(): Promise<SegmentDestination> {
    this.log.push({ operation: 'GetTraceSegmentDestination' });
    this.interfere('GetTraceSegmentDestination', {});
    return this.segmentDestination;
  }

  async startRetrieval({ ids }: { ids: readonly string[] }): Promise<string> {
    this.log.push({ operation: 'StartTraceRetrieval', ids });
    this.interfere('StartTraceRetrieval', { ids });
    const token = `token-${this.#retrievals.size}`;
    this.#retrievals.set(token, { ids, polls: 0 });
    return token;
  }

  async retrieved(token: string, nextToken: string | undefined): Promise<RetrievalPage> {
    this.log.push({ operation: 'ListRetrievedTraces' });
    this.interfere('ListRetrievedTraces', { nextToken });
    const retrieval = this.#retrievals.get(token)!;
    if (retrieval.polls++ < 2) {
      return { status: 'working', statusName: 'RUNNING', traces: [], nextToken: undefined };
    }
    const start = Number(nextToken ?? 0);
    const traces = retrieval.ids.slice(start, start + this.pageSize).flatMap((id) => {
      const step = this.#visible(id).at(-1);
      return step === undefined || this.withhold(id) !== undefined
        ? []
        : [{ xrayId: id, documents: step.documents, limitExceeded: false }];
    });
    const end = start + this.pageSize;
    return {
      status: 'complete',
      statusName: 'COMPLETE',
      traces,
      nextToken: end < retrieval.ids.length ? String(end) : undefined,
    };
  }

  async cancelRetrieval(): Promise<void> {
    this.log.push({ operation: 'CancelTraceRetrieval' });
  }

  clockOffsetMs(): number {
    return this.offsetMs;
  }

  close(): void {}

  #visible(id: string): readonly FakeStep[] {
    return (this.traces.get(id) ?? []).filter(({ at }) => at <= this.#now());
  }

  /** Newest first, as X-Ray does. */
  #list(from: number, to: number, nextToken: string | undefined): ListPage {
    const found: { xrayId: string; revision: number; at: number }[] = [];
    for (const xrayId of this.traces.keys()) {
      const visible = this.#visible(xrayId);
      const active = visible.filter(({ at }) => at >= from && at < to).at(-1);
      if (active !== undefined) found.push({ xrayId, revision: visible.length, at: active.at });
    }
    found.sort((left, right) => right.at - left.at || (left.xrayId < right.xrayId ? -1 : 1));
    const start = Number(nextToken ?? 0);
    const page = found.slice(start, start + this.pageSize);
    const end = start + this.pageSize;
    return {
      traces: page.map(({ xrayId, revision }) => ({ xrayId, revision, endMs: undefined })),
      scanned: page.length,
      nextToken: end < found.length ? String(end) : undefined,
    };
  }
}

/** An error as the SDK throws it. */
export function awsError(name: string, message: string, status: number): Error {
  return Object.assign(new Error(message), {
    name,
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
    $response: { statusCode: status },
  });
}
