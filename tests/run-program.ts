import { spawn } from 'node:child_process';
import type { Client } from './clients.ts';
import { parseStory } from './story.ts';
import type { Story } from './story.ts';

/** Where a client sends: base URLs, one per listener. */
export interface Targets {
  readonly agent: string;
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
}

/** How a client program ended. */
export interface ProgramRun {
  readonly story: Story;
  /** Everything it wrote, for looking at what its tracer had to say. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Java starts slowly on a small machine that is also running a server and a test runner. */
const timeoutMs = 90_000;

/**
 * Runs the program of `client` to its end against `targets`.
 *
 * Its environment holds where to send, what the client's configuration says, and nothing of ours: settings of the
 * machine that runs the tests (`DD_*`, `OTEL_*`, `NODE_OPTIONS`) must not reach a tracer.
 *
 * @throws {Error} If it exits with another code than 0, or is still running after 90 s.
 */
export async function runProgram(
  client: Client,
  programDirectory: string,
  targets: Targets,
): Promise<ProgramRun> {
  const [file, ...args] = client.command(programDirectory);
  const child = spawn(file, args, {
    cwd: programDirectory,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '/',
      LANG: 'C.UTF-8',
      ...sendingTo(client, targets),
      ...client.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  if (ended !== 'exit code 0') {
    throw new Error(`Cannot run ${client.label}: ${ended}\n${stdout}\n${stderr}`);
  }
  return { story: parseStory(stdout), stdout, stderr };
}

function sendingTo(client: Client, targets: Targets): Record<string, string> {
  switch (client.protocol) {
    case 'agent':
      return { DD_TRACE_AGENT_URL: targets.agent };
    case 'otlp-http':
      return { OTEL_EXPORTER_OTLP_ENDPOINT: targets.otlpHttp };
    case 'otlp-grpc':
      return { OTEL_EXPORTER_OTLP_ENDPOINT: targets.otlpGrpc };
  }
}
