const MIB = 1024 * 1024;

/** How large a body may be on the wire and once inflated. */
export interface BodyLimits {
  readonly wireBytes: number;
  readonly inflatedBytes: number;
}

/** A body may grow this many times once it inflates to more than `RATIO_FLOOR_BYTES`. */
export const MAX_INFLATE_RATIO = 200;
/** Small bodies of repeated text compress far better than 200×; they are harmless. */
const RATIO_FLOOR_BYTES = MIB;
/** Process tags and entity headers are long: Node's own default of 16 KiB is too little. */
export const MAX_HEADER_BYTES: number = 32 * 1024;

function mib(wire: number, inflated: number = wire): BodyLimits {
  return { wireBytes: wire * MIB, inflatedBytes: inflated * MIB };
}

/** Kinds of traffic that have a limit of their own. */
export type LimitedTraffic =
  | 'agentStats'
  | 'agentTraces'
  | 'backendStats'
  | 'backendTraces'
  | 'logs'
  | 'otlp'
  | 'profiles'
  | 'proxied'
  | 'series'
  | 'sketches'
  | 'symbols'
  | 'telemetry';

/** Limits by kind of traffic, on the wire and inflated. */
export const BODY_LIMITS: Readonly<Record<LimitedTraffic, BodyLimits>> = {
  agentStats: mib(25),
  agentTraces: mib(25, 100), // tracers do not compress, proxies between may
  backendStats: mib(25, 100),
  backendTraces: mib(64, 256), // the Lambda extension sends up to 50 MB
  logs: mib(10, 20),
  otlp: mib(64),
  profiles: mib(50, 64),
  proxied: mib(10),
  series: mib(8, 64),
  sketches: mib(16, 64),
  symbols: mib(50),
  telemetry: mib(5),
};

/** The most that `wireBytes` of compressed body may inflate to. */
export function inflateAllowance(wireBytes: number, limits: BodyLimits): number {
  return Math.min(limits.inflatedBytes, Math.max(RATIO_FLOOR_BYTES, MAX_INFLATE_RATIO * wireBytes));
}
