import { BODY_LIMITS, type BodyLimits } from './body-limits.ts';
import { always } from './payload-format.ts';
import { ANSWERS, type FixedAnswer, type Handling, type Route } from './route.ts';

function backend(path: string, handling: Handling, limits: BodyLimits): Route {
  return { path, side: 'backend', access: 'write', limits, handling };
}

function discard(path: string, reply: FixedAnswer, limits: BodyLimits = BODY_LIMITS.logs): Route {
  return backend(path, { kind: 'discard', reply }, limits);
}

/** Reports about hosts, containers and processes: the agent sends them, nothing here reads them. */
const METADATA_PATHS = [
  '/api/v1/metadata',
  '/api/v2/host_metadata',
  '/api/v1/collector',
  '/api/v1/container',
  '/api/v1/discovery',
  '/api/v1/connections',
  '/api/v2/orch',
  '/api/v2/orchmanif',
  '/api/v2/proclcycle',
  '/api/v2/contlcycle',
  '/api/v2/contimage',
  '/api/v2/sbom',
  '/support/flare*',
];

/** What the agent, the Lambda extension, the forwarder and agentless libraries send to a backend. */
export const BACKEND_ROUTES: readonly Route[] = [
  backend(
    '/api/v0.2/traces',
    { kind: 'traces', format: always('agent-payload-protobuf'), reply: ANSWERS.acceptedObject },
    BODY_LIMITS.backendTraces,
  ),
  // The extension takes exactly 202 for success here.
  backend(
    '/api/v0.2/stats',
    { kind: 'stats', format: always('agent-stats-msgpack'), reply: ANSWERS.acceptedEmpty },
    BODY_LIMITS.backendStats,
  ),
  backend(
    '/api/v2/spans',
    { kind: 'traces', format: always('agentless-json'), reply: ANSWERS.acceptedObject },
    BODY_LIMITS.backendTraces,
  ),
  backend('/v1/input', { kind: 'shared-input' }, BODY_LIMITS.backendTraces),
  discard('/api/v1/input', ANSWERS.okObject),
  discard('/api/v2/logs', ANSWERS.acceptedObject),
  discard('/api/v0.1/pipeline_stats', ANSWERS.acceptedEmpty, BODY_LIMITS.backendStats),
  backend(
    '/api/v2/apmtelemetry',
    { kind: 'telemetry', reply: ANSWERS.acceptedEmpty },
    BODY_LIMITS.telemetry,
  ),
  discard('/api/v2/llmobs', ANSWERS.acceptedEmpty),
  discard('/api/v2/debugger', ANSWERS.acceptedEmpty),
  discard('/api/v2/profile', ANSWERS.okEmpty, BODY_LIMITS.profiles),
  discard('/api/v1/series', ANSWERS.acceptedErrors, BODY_LIMITS.series),
  discard('/api/v2/series', ANSWERS.acceptedErrors, BODY_LIMITS.series),
  discard('/api/intake/metrics/v3/series', ANSWERS.acceptedEmpty, BODY_LIMITS.series),
  discard('/api/beta/sketches', ANSWERS.acceptedEmpty, BODY_LIMITS.sketches),
  discard('/api/v1/sketches', ANSWERS.acceptedEmpty, BODY_LIMITS.sketches),
  discard('/api/intake/metrics/v3/sketches', ANSWERS.acceptedEmpty, BODY_LIMITS.sketches),
  discard('/api/v1/distribution_points', ANSWERS.acceptedStatus, BODY_LIMITS.series),
  discard('/api/v1/check_run', ANSWERS.acceptedStatus),
  discard('/api/v2/service_checks', ANSWERS.acceptedStatus),
  discard('/api/v1/events', ANSWERS.acceptedStatus),
  discard('/api/v2/events', ANSWERS.acceptedStatus),
  discard('/intake', ANSWERS.acceptedStatus),
  {
    path: '/api/v1/validate',
    side: 'backend',
    access: 'read',
    limits: BODY_LIMITS.telemetry,
    handling: { kind: 'validate' },
  },
  ...METADATA_PATHS.map((path) => discard(path, ANSWERS.acceptedEmpty, BODY_LIMITS.symbols)),
];

/** What a path nobody knows becomes when an agent sends it: its forwarder would retry a 404 for ever. */
export const UNKNOWN_BACKEND_ROUTE: Route = discard(
  'unknown',
  ANSWERS.acceptedEmpty,
  BODY_LIMITS.symbols,
);
