import { SpanBatch } from '@spanloom/model';
import { decodeRecord } from './decode-record.ts';
import * as fs from 'node:fs';
const fmt: any = process.argv[2]!;
const body = fs.readFileSync('/tmp/perf-' + fmt + '.bin');
const rec = { format: fmt, receivedMs: 1_727_177_200_000, headers: {}, body };
const N = 400;
for (let round = 0; round < 4; round++) {
  let t = BigInt(process.cpuUsage().user * 1000);
  for (let i = 0; i < N; i++) decodeRecord(rec, new SpanBatch());
  const fresh = Number(BigInt(process.cpuUsage().user * 1000) - t) / N / 1000;
  t = BigInt(process.cpuUsage().user * 1000);
  let b = new SpanBatch();
  for (let i = 0; i < N; i++) { if (i % 10 === 0) b = new SpanBatch(); decodeRecord(rec, b); }
  const shared = Number(BigInt(process.cpuUsage().user * 1000) - t) / N / 1000;
  console.log(fmt, 'fresh ns/span', fresh.toFixed(0), 'batch of 10k', shared.toFixed(0));
}
