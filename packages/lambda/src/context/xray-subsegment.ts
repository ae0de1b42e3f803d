// Leaves our ids, or our tags, in the X-Ray trace: a subsegment of the function's segment, sent to the daemon of the sandbox.
import { randomId } from '../span/random-id.ts';
import { sendDatagram } from '../send/udp.ts';
import { hex64 } from './trace-context.ts';
import type { XRayHeader } from './xray-header.ts';

/** What a subsegment can hold; the name is how its readers find it. */
export type MetadataKey = 'trace' | 'root_span_metadata' | 'lambda_function_tags';

const textLimit = 1000;

/** Sends `content` if X-Ray keeps this trace and there is a daemon. */
export function sendXRayMetadata(
  header: XRayHeader | undefined,
  key: MetadataKey,
  content: Readonly<Record<string, string | number | undefined>>,
): void {
  if (header?.sampled !== true || header.parent === undefined) return;
  const match = /^(?<host>.+):(?<port>\d{1,5})$/.exec(process.env['AWS_XRAY_DAEMON_ADDRESS'] ?? '');
  if (match === null) return;
  const { host = '', port = '' } = match.groups ?? {};
  const now = Date.now() / 1000;
  // The daemon takes 64 KiB: values that long are cut, not the whole subsegment lost.
  const datadog = JSON.stringify({ [key]: content }, (_, value: unknown) =>
    typeof value === 'string' ? value.slice(0, textLimit) : value,
  );
  const segment = JSON.stringify({
    id: hex64(randomId()),
    trace_id: header.root,
    parent_id: header.parent,
    name: 'datadog-metadata',
    start_time: now,
    end_time: now,
    type: 'subsegment',
  });
  sendDatagram(
    `{"format": "json", "version": 1}\n${segment.slice(0, -1)},"metadata":{"datadog":${datadog}}}`,
    host.replaceAll(/^\[|\]$/g, ''),
    Number(port),
  );
}
