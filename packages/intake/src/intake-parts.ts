import { type AgentInfo, buildAgentInfo } from './agent-info.ts';
import { ClientRegistry } from './client-registry.ts';
import { CrossOriginRules } from './cross-origin.ts';
import { IngestKeys } from './ingest-keys.ts';
import { IntakeCounters } from './intake-counters.ts';
import { INTAKE_DEFAULTS, type IntakeOptions } from './intake-options.ts';
import { MemoryBudget } from './memory-budget.ts';
import { PayloadReceiver } from './payload-receiver.ts';
import { buildRates, type RatesPayload } from './sampling-rates.ts';

/** What every request works with, built once from the options. */
export interface IntakeParts {
  readonly options: IntakeOptions;
  readonly bodyTimeoutMs: number;
  readonly keys: IngestKeys;
  readonly budget: MemoryBudget;
  readonly counters: IntakeCounters;
  readonly clients: ClientRegistry;
  readonly receiver: PayloadReceiver;
  readonly info: AgentInfo;
  readonly rates: RatesPayload;
  readonly origins: CrossOriginRules;
}

/** Builds the parts. @throws {ConfigError} For a malformed key. */
export function buildParts(options: IntakeOptions): IntakeParts {
  const settings = { ...INTAKE_DEFAULTS, ...options };
  const budget = new MemoryBudget(settings.memoryBytes, settings.memoryWaitMs);
  const counters = new IntakeCounters(options.registry, budget);
  const clients = new ClientRegistry(options.clock);
  const { sink, clock } = options;
  return {
    options,
    bodyTimeoutMs: settings.bodyTimeoutMs,
    keys: new IngestKeys(options.keys),
    budget,
    counters,
    clients,
    receiver: new PayloadReceiver({
      sink,
      counters,
      clients,
      clock,
      ackTimeoutMs: settings.ackTimeoutMs,
    }),
    info: buildAgentInfo(options.info),
    rates: buildRates(options.rates),
    origins: new CrossOriginRules(options.otlpOrigins),
  };
}
