import { pack } from 'msgpackr';
import { ProtobufWriter } from '../wire/protobuf-writer.ts';

/** The mapping that libdatadog and .NET use. */
export const LIBDATADOG = {
  gamma: 1.015625,
  indexOffset: 1.8761281912861705,
  interpolation: 'none',
} as const;

/** A sketch with one run of bins and one single bin, at indexes 892 to 894 and 894. */
export function sketchBody(interpolation = 0): Uint8Array {
  const writer = new ProtobufWriter();
  writer.message(1, () => {
    writer.double(1, LIBDATADOG.gamma);
    writer.double(2, LIBDATADOG.indexOffset);
    writer.integer(3, interpolation);
  });
  writer.message(2, () => {
    writer.message(1, () => {
      writer.integer(1, 894 * 2);
      writer.double(2, 5);
    });
    const run = Buffer.alloc(24);
    [1, 0, 2].forEach((count, i) => run.writeDoubleLE(count, i * 8));
    writer.bytes(2, run);
    writer.integer(3, 892 * 2);
  });
  writer.double(4, 3);
  return writer.finish();
}

function clientStats(): Record<string, unknown> {
  return {
    Hostname: 'app-host',
    Env: 'prod',
    Version: '1.2.3',
    Lang: 'nodejs',
    TracerVersion: '6.21.0',
    RuntimeID: 'r-1',
    Sequence: 7,
    Tags: ['team:payments'],
    ProcessTagsHash: 18446744073709551615n,
    Unknown: { nested: [1, 2, 3] },
    Stats: [
      {
        Start: 1727177150000000000n,
        Duration: 10_000_000_000,
        Stats: [
          {
            Service: 'checkout',
            Name: 'web.request',
            Resource: 'GET /',
            Type: 'web',
            HTTPStatusCode: 200,
            GRPCStatusCode: 0,
            Synthetics: false,
            SpanKind: 'server',
            IsTraceRoot: 1,
            PeerTags: ['peer.service:carts'],
            srv_src: 'opt',
            Hits: 3.0,
            TopLevelHits: 3,
            Errors: 1,
            Duration: 2_436_000_000,
            OkSummary: Buffer.from(sketchBody()),
            ErrorSummary: Buffer.alloc(0),
          },
        ],
      },
    ],
  };
}

export function clientStatsBody(): Uint8Array {
  return pack(clientStats());
}

export function agentStatsBody(): Uint8Array {
  return pack({
    AgentHostname: 'node-1',
    AgentEnv: 'prod',
    AgentVersion: '7.79.1',
    ClientComputed: true,
    SplitPayload: false,
    Stats: [clientStats()],
  });
}
