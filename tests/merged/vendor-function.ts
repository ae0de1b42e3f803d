import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalFunction, startFunction, type XRaySegment } from '@spanloom/local-lambda';
import { repository } from '../runtimes.ts';

export interface VendorFunctionOptions {
  readonly name: string;
  /** The function's own module: exports `handler`. */
  readonly code: string;
  readonly agentUrl: string;
  /** `host:port` of whatever takes X-Ray's datagrams. */
  readonly xrayDaemon: string;
  readonly accountId: string;
  readonly region: string;
  readonly onSegment: (segment: XRaySegment) => void;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A function with the vendor's unmodified library and tracer in front of its handler, on the local Lambda. */
export class VendorFunction implements AsyncDisposable {
  readonly local: LocalFunction;
  readonly #folder: string;

  private constructor(local: LocalFunction, folder: string) {
    this.local = local;
    this.#folder = folder;
  }

  static async start(options: VendorFunctionOptions): Promise<VendorFunction> {
    const folder = mkdtempSync(join(tmpdir(), 'vendor-function-'));
    writeFileSync(join(folder, 'index.mjs'), options.code);
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
    const local = await startFunction({
      taskRoot: folder,
      handler: 'node_modules/datadog-lambda-js/dist/handler.handler',
      name: options.name,
      accountId: options.accountId,
      region: options.region,
      tracing: 'Active',
      timeoutMs: 20_000,
      // The tracer sends after the handler has answered: a frozen process would do so at its next invocation only.
      freeze: false,
      xrayDaemonAddress: options.xrayDaemon,
      onSegment: options.onSegment,
      environment: {
        DD_LAMBDA_HANDLER: 'index.handler',
        DD_SERVICE: options.name,
        DD_ENV: 'prod',
        DD_TRACE_AGENT_URL: options.agentUrl,
        // Without its extension the tracer would print its spans for a log forwarder.
        DD_TRACE_EXPERIMENTAL_EXPORTER: 'agent',
        DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
        DD_TRACE_STARTUP_LOGS: 'false',
        ...options.environment,
      },
    });
    return new VendorFunction(local, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.local.shutdown();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
