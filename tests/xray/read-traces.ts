import {
  BatchGetTracesCommand,
  GetTraceSummariesCommand,
  XRayClient,
  type TraceSummary,
} from '@aws-sdk/client-xray';

/** A document of X-Ray, or a part of one. */
export interface XRayDocument {
  readonly id: string;
  readonly name: string;
  readonly subsegments?: readonly XRayDocument[];
  readonly [field: string]: unknown;
}

/** AWS's own client, for an account of the service at `endpoint`. */
export function xrayClient(endpoint: string, account: string, region: string): XRayClient {
  return new XRayClient({
    endpoint,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: account, secretAccessKey: 'any' },
  });
}

/** What a listing says of the traces that began since `sinceMs`, all pages of it. */
export async function listTraces(client: XRayClient, sinceMs: number): Promise<TraceSummary[]> {
  const window = { StartTime: new Date(sinceMs), EndTime: new Date(Date.now() + 60_000) };
  const summaries: TraceSummary[] = [];
  let token: string | undefined;
  do {
    const answer = await client.send(
      new GetTraceSummariesCommand({
        ...window,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    summaries.push(...(answer.TraceSummaries ?? []));
    token = answer.NextToken;
  } while (token !== undefined);
  return summaries;
}

/** The documents of a trace, in the order in which they came; none if there is no such trace. */
export async function fetchTrace(client: XRayClient, traceId: string): Promise<XRayDocument[]> {
  const { Traces } = await client.send(new BatchGetTracesCommand({ TraceIds: [traceId] }));
  return (Traces?.[0]?.Segments ?? []).map((one) => JSON.parse(one.Document ?? '') as XRayDocument);
}

/** Names of a document and of what is below it, two spaces deeper each time. */
export function outline(document: XRayDocument, depth = 0): string[] {
  return [
    `${'  '.repeat(depth)}${document.name}`,
    ...(document.subsegments ?? []).flatMap((one) => outline(one, depth + 1)),
  ];
}
