import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { floorPlan, nextRelease, urlVariable } from './floor-plan.ts';
import type { ShopProcess } from './floor-plan.ts';
import { freePorts } from './free-ports.ts';
import { pause } from './pause.ts';
import { Supervised } from './supervised.ts';

/** Between two releases: short enough that a newcomer sees one, long enough to compare before and after. */
const releaseEveryMs = 180_000;

export interface DemoOptions {
  /** Base URL of the agent API that the shop's tracers send to. */
  readonly agentUrl: string;
  /** The port of the shop's own X-Ray; any free one by default. */
  readonly xrayPort?: number;
  /** Called once that X-Ray answers. */
  readonly onXRay?: () => void;
  /** Ends the shop. */
  readonly signal: AbortSignal;
  /** Takes one line for each thing worth knowing: starts, releases, crashes. */
  readonly log: (line: string) => void;
}

/**
 * Runs the demo shop: a handful of real processes with the unmodified tracer for Node in them, and visitors.
 *
 * A process that dies is started again. Every three minutes one service is replaced by its next version.
 * Resolves when `signal` has aborted and every process is gone; never rejects because of a process.
 *
 * @throws {Error} If no free ports can be had.
 */
export async function startDemo(options: DemoOptions): Promise<void> {
  const { agentUrl, xrayPort, onXRay, signal, log } = options;
  const free = await freePorts(floorPlan.length);
  const ports = free.map((port, at) =>
    floorPlan[at]!.name === 'xray' ? (xrayPort ?? port) : port,
  );
  const addresses = Object.fromEntries(
    floorPlan.map((process, at) => [
      urlVariable(process.env, process.name),
      `http://127.0.0.1:${ports[at]}`,
    ]),
  );
  const supervised = floorPlan.map((process, at) => {
    const environment = { ...addresses, SHOP_PORT: String(ports[at]) };
    return new Supervised({
      name: `${process.name} (${process.env})`,
      version: process.version,
      start: (version) => startProcess(process, version, agentUrl, environment, log),
      signal,
      log,
    });
  });
  if (onXRay !== undefined) {
    const xray = addresses[urlVariable('prod', 'xray')]!;
    void whenAnswering(xray, signal, onXRay);
  }
  log(`demo shop: ${floorPlan.length} processes, tracers send to ${agentUrl}`);
  await Promise.all([
    ...supervised.map((process) => process.run()),
    releaseNowAndThen(supervised, signal),
  ]);
}

/** Calls back as soon as somebody listens there, and not at all once the shop closes. */
async function whenAnswering(url: string, signal: AbortSignal, done: () => void): Promise<void> {
  while (await pause(200, signal)) {
    const response = await fetch(url, { signal }).catch(() => undefined);
    await response?.body?.cancel();
    if (response !== undefined) return done();
  }
}

/** Replaces one service after the other by its next version. */
async function releaseNowAndThen(
  supervised: readonly Supervised[],
  signal: AbortSignal,
): Promise<void> {
  const deployable = supervised.filter((process) => process.version !== undefined);
  for (let turn = 0; await pause(releaseEveryMs, signal); turn++) {
    // Not in order of the floor plan: neighbours in it call each other, and would be released one after the other.
    const process = deployable[(turn * 4) % deployable.length];
    if (process?.version !== undefined) process.release(nextRelease(process.version));
  }
}

function startProcess(
  { name, env, traced }: ShopProcess,
  version: string | undefined,
  agentUrl: string,
  environment: Readonly<Record<string, string>>,
  log: (line: string) => void,
): ChildProcess {
  const file = join(import.meta.dirname, 'services', name + extname(import.meta.filename));
  const child = fork(file, {
    execArgv: [
      // Types are stripped from the functions' code on the way, which Node calls experimental.
      '--disable-warning=ExperimentalWarning',
      ...process.execArgv.filter((option) => option.startsWith('--conditions=')),
      ...(traced ? ['--import', import.meta.resolve('dd-trace/initialize.mjs')] : []),
    ],
    env: {
      ...inherited(),
      ...environment,
      SHOP_ENV: env,
      SHOP_AGENT_URL: agentUrl,
      ...(traced
        ? {
            DD_SERVICE: name,
            DD_ENV: env,
            DD_VERSION: version ?? '',
            DD_TRACE_AGENT_URL: agentUrl,
            DD_TRACE_STARTUP_LOGS: 'false',
            // Every process looks up its own address once when it starts to listen: a trace of one span about nothing.
            DD_TRACE_DNS_ENABLED: 'false',
          }
        : {}),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  if (child.stderr !== null) {
    createInterface(child.stderr).on('line', (line) => log(`${name} (${env}): ${line}`));
  }
  return child;
}

/** The environment of this process without what would configure a tracer or Node: the shop must not depend on it. */
function inherited(): NodeJS.ProcessEnv {
  const foreign = /^(?:DD_|OTEL_|NODE_|AWS_LAMBDA)/;
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !foreign.test(key)));
}
