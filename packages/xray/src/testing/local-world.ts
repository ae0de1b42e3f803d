import { LocalXRay, type LocalXRayOptions } from '@spanloom/local-xray';
import { many } from '@spanloom/local-xray/scenes';
import type { CrawlerOptions } from '../crawler.ts';
import { sdkCalls } from '../sdk-calls.ts';
import type { WatchedCalls } from '../watched-calls.ts';
import { contentHash } from '../content-hash.ts';
import { scanDocuments } from '../scan-documents.ts';
import { Harness } from './harness.ts';
import type { VirtualPacer } from './virtual-pacer.ts';

/** Where the local X-Ray keeps what tests put. */
export const PLACE = { account: '111122223333', region: 'eu-west-1' };

/** A crawler, a local X-Ray, and one clock for both, which stands still while a call is under way. */
export class LocalWorld implements AsyncDisposable {
  readonly xray: LocalXRay;
  readonly harness: Harness;
  /** Of the traces that were put. */
  readonly ids: string[] = [];

  private constructor(xray: LocalXRay, harness: Harness) {
    this.xray = xray;
    this.harness = harness;
  }

  static async start(
    options: {
      readonly xray?: LocalXRayOptions;
      readonly crawler?: Partial<CrawlerOptions>;
      readonly path?: string;
      readonly seed?: number;
      /** Whose credentials are found at the moment: the configured account's by default. */
      readonly keyOf?: (account: string) => string;
    } = {},
  ): Promise<LocalWorld> {
    let pacer: VirtualPacer | undefined;
    const { keyOf = (account) => account } = options;
    const xray = await LocalXRay.start({ now: () => pacer?.now() ?? Date.now(), ...options.xray });
    const harness: Harness = await Harness.open({
      ...(options.path !== undefined && { path: options.path }),
      ...(options.seed !== undefined && { seed: options.seed }),
      connect: (account, region) => ({
        region,
        endpoint: xray.url,
        maxAttempts: 1,
        credentials: Object.assign(
          async () => ({ accessKeyId: keyOf(account.id), secretAccessKey: 'any' }),
          { memoized: true },
        ),
        requestHandler: {
          connectionTimeout: 5000,
          requestTimeout: 60_000,
          throwOnRequestTimeout: true,
        },
      }),
      calls: (config) => inRealTime(sdkCalls(config), () => pacer!),
      ...options.crawler,
    });
    pacer = harness.pacer;
    return new LocalWorld(xray, harness);
  }

  /** Puts a load of traces, a fifth of them growing. */
  putMany(
    count: number,
    seed: string,
    span: { from: number; to: number; growthMs?: number },
  ): void {
    for (const { traceId, steps } of many(count, seed, { ...span, ...PLACE })) {
      this.ids.push(traceId);
      this.xray.grow(PLACE.account, PLACE.region, steps);
    }
  }

  /** Compares the store with what X-Ray has: ids that are missing, ids that are not as they finally were, and ids too many. */
  differences(): { missing: number; outdated: string[]; unknown: number } {
    const region = this.xray.region(PLACE.account, PLACE.region);
    const { stored } = this.harness;
    const known = new Set(this.ids);
    const outdated: string[] = [];
    let missing = 0;
    for (const id of this.ids) {
      const written = stored.get(id);
      const compiled = region
        .compiled(id)
        .map((one) => ('document' in one ? JSON.stringify(one.document) : one.verbatim));
      if (written === undefined) {
        missing++;
        continue;
      }
      if (hashOf(written.documents) !== hashOf(compiled)) outdated.push(id);
    }
    return { missing, outdated, unknown: [...stored.keys()].filter((id) => !known.has(id)).length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.harness[Symbol.asyncDispose]();
    await this.xray[Symbol.asyncDispose]();
  }
}

/** Of what documents say, however it is written. */
export function hashOf(documents: readonly string[]): string {
  return contentHash(scanDocuments(documents).documents);
}

/** The same calls, while each of which virtual time stands still. */
function inRealTime(calls: WatchedCalls, pacer: () => VirtualPacer): WatchedCalls {
  const during = <Result>(work: () => Promise<Result>): Promise<Result> => pacer().during(work);
  return {
    listTraces: (...args) => during(() => calls.listTraces(...args)),
    fetchTraces: (...args) => during(() => calls.fetchTraces(...args)),
    destination: (...args) => during(() => calls.destination(...args)),
    listSpanRecords: (...args) => during(() => calls.listSpanRecords(...args)),
    startRetrieval: (...args) => during(() => calls.startRetrieval(...args)),
    retrieved: (...args) => during(() => calls.retrieved(...args)),
    cancelRetrieval: (...args) => during(() => calls.cancelRetrieval(...args)),
    clockOffsetMs: () => calls.clockOffsetMs?.() ?? 0,
    demandAccount: (account) => calls.demandAccount?.(account),
    close: () => calls.close(),
  };
}
