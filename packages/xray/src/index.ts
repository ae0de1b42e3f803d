/** Reads AWS X-Ray into the store. */
export { Crawler, type CrawlerOptions, type OnceResult, type RegionCoverage } from './crawler.ts';
/** An account to read, and the numbers that reading goes by. */
export type { XRayAccount } from './xray-account.ts';
export { type CrawlLimits, DEFAULT_LIMITS, type OperationName } from './crawl-limits.ts';
/** Time and chance, for those who own them. */
export { type Pacer, systemPacer } from './pacer.ts';
/** The calls of AWS that reading takes, for those who answer them otherwise. */
export type {
  FetchedTrace,
  FetchPage,
  ListPage,
  ListRequest,
  RetrievalPage,
  SegmentDestination,
  XRayCalls,
} from './xray-calls.ts';
export type { TraceListing } from './trace-schedule.ts';
/** What reading costs. */
export { monthlyCostUsd } from './cost.ts';
