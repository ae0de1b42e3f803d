import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonObject } from '@spanloom/base';
import type { IntakeParts } from './intake-parts.ts';
import { toProblem } from './problem.ts';
import { declaredLength, readBody } from './read-body.ts';

/** Statistics of a program's sampling rules: some hundred bytes per rule. */
const MAX_BODY_BYTES = 1024 * 1024;

/** How often SDKs report and ask again, in seconds: nothing here ever changes. */
const INTERVAL_SECONDS = 300;

/** The rule that X-Ray itself falls back on, but for everything: sampling is done here, on whole traces. */
const RULES: string = JSON.stringify({
  SamplingRuleRecords: [
    {
      CreatedAt: 0,
      ModifiedAt: 0,
      SamplingRule: {
        RuleName: 'Default',
        RuleARN: 'arn:aws:xray:us-east-1:000000000000:sampling-rule/Default',
        Priority: 10_000,
        FixedRate: 1,
        ReservoirSize: 0,
        ServiceName: '*',
        ServiceType: '*',
        Host: '*',
        HTTPMethod: '*',
        URLPath: '*',
        ResourceARN: '*',
        Attributes: {},
        Version: 1,
      },
    },
  ],
});

/**
 * Answers what SDKs ask the daemon over HTTP, on the port of its datagrams: which requests to sample, and how many are left.
 * Without an answer they complain once a minute and sample one request a second.
 */
export function xraySamplingHandler(
  parts: IntakeParts,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0]!;
    if (
      request.method !== 'POST' ||
      (path !== '/GetSamplingRules' && path !== '/SamplingTargets')
    ) {
      request.resume();
      return send(
        response,
        404,
        '{"message":"The X-Ray daemon port answers POST /GetSamplingRules and POST /SamplingTargets"}',
      );
    }
    void answer(path, request, response, parts);
  };
}

async function answer(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  parts: IntakeParts,
): Promise<void> {
  const lease = parts.budget.lease();
  try {
    const length = declaredLength(request, MAX_BODY_BYTES) ?? 0;
    if (length > 0) await lease.grow(length);
    const limits = { maxBytes: MAX_BODY_BYTES, timeoutMs: parts.bodyTimeoutMs };
    const body = await readBody(request, limits, lease, length);
    send(response, 200, path === '/GetSamplingRules' ? RULES : targetsFor(body));
  } catch (error) {
    const problem = toProblem(error);
    if (problem.kind === 'gone') return;
    if (problem.kind === 'internal') parts.options.reportError(error, `answering ${path}`);
    send(response, problem.status, JSON.stringify({ message: problem.message }));
  } finally {
    lease.release();
  }
}

/** Every rule that the sender reports on may go on sampling everything. */
function targetsFor(body: Uint8Array): string {
  return JSON.stringify({
    // A time after the sender's last look at the rules would have it fetch them again.
    LastRuleModification: 0,
    SamplingTargetDocuments: reportedRules(body).map((name) => ({
      RuleName: name,
      FixedRate: 1,
      Interval: INTERVAL_SECONDS,
    })),
    UnprocessedStatistics: [],
  });
}

function reportedRules(body: Uint8Array): string[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return []; // expected: the answer to nothing readable is an answer without rules
  }
  const documents = isJsonObject(value) ? value['SamplingStatisticsDocuments'] : undefined;
  if (!Array.isArray(documents)) return [];
  return documents
    .map((each: unknown) => (isJsonObject(each) ? each['RuleName'] : undefined))
    .filter((name) => typeof name === 'string');
}

function send(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
