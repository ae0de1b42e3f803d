import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the gauges read. */
export interface WriterLevels {
  readonly queuedBatches: number;
  readonly queuedRows: number;
  readonly pendingBytes: number;
  readonly walBytes: number;
}

/** Everything the writer counts. */
export class WriterMetrics {
  readonly walFrames: Counter;
  readonly walBytes: Counter;
  readonly commitSeconds: Histogram;
  readonly insertSeconds: Histogram;
  readonly rowsWritten: Counter;
  readonly batchesReplayed: Counter;
  readonly rowsReplayed: Counter;
  readonly replayRepairs: Counter;
  readonly corruptFrames: Counter;
  readonly tornSegments: Counter;
  readonly undecodableRecords: Counter;
  readonly retries: Counter;
  readonly rejectedBatches: Counter;
  readonly refusals: Counter;
  readonly earlyDeletes: Counter;
  readonly versionsSwept: Counter;

  constructor(registry: Registry, levels: () => WriterLevels) {
    const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
      new Counter({
        name: `spanloom_writer_${name}`,
        help,
        labelNames: [...labelNames],
        registers: [registry],
      });
    const seconds = (name: string, help: string, labelNames: readonly string[] = []): Histogram =>
      new Histogram({
        name: `spanloom_writer_${name}`,
        help,
        labelNames: [...labelNames],
        buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        registers: [registry],
      });
    this.walFrames = counter('wal_frames_total', 'Payloads made durable');
    this.walBytes = counter('wal_bytes_total', 'Bytes made durable');
    this.commitSeconds = seconds('commit_seconds', 'Time of one write and sync of the log');
    this.insertSeconds = seconds('insert_seconds', 'Time of one insert', ['table']);
    this.rowsWritten = counter('rows_written_total', 'Rows inserted', ['table']);
    this.batchesReplayed = counter(
      'batches_replayed_total',
      'Batches of an earlier process that were inserted',
    );
    this.rowsReplayed = counter(
      'rows_replayed_total',
      'Rows of an earlier process that were inserted',
    );
    this.replayRepairs = counter(
      'replay_repairs_total',
      'Batches that a table claimed to have and had not, or had in part; written again',
      ['table'],
    );
    this.corruptFrames = counter('corrupt_frames_total', 'Frames of the log damaged on disk');
    this.tornSegments = counter(
      'torn_segments_total',
      'Segments whose last write was cut short by a crash',
    );
    this.undecodableRecords = counter(
      'undecodable_records_total',
      'Payloads in the log that can no longer be decoded',
    );
    this.retries = counter('insert_retries_total', 'Inserts tried again', ['table']);
    this.rejectedBatches = counter(
      'rejected_batches_total',
      'Batches put aside because the engine refuses them',
    );
    this.refusals = counter('refusals_total', 'Payloads refused for want of room', ['reason']);
    this.earlyDeletes = counter(
      'early_deletes_total',
      'Inserted segments deleted before their time because the log had reached its limit',
    );
    this.versionsSwept = counter(
      'versions_swept_total',
      'Replaced versions of X-Ray traces whose rows were deleted',
    );
    const gauge = (name: string, help: string, read: (levels: WriterLevels) => number): void => {
      const created: Gauge = new Gauge({
        name: `spanloom_writer_${name}`,
        help,
        registers: [registry],
        collect: () => created.set(read(levels())),
      });
    };
    gauge('queued_batches', 'Batches waiting to be inserted', (now) => now.queuedBatches);
    gauge('queued_rows', 'Rows waiting to be inserted', (now) => now.queuedRows);
    gauge('pending_bytes', 'Memory held by rows not yet inserted', (now) => now.pendingBytes);
    gauge('wal_size_bytes', 'Size of the log on disk', (now) => now.walBytes);
  }
}
