import type { SpanJson } from '@spanloom/contract';
import { type ReactNode, useState } from 'react';
import { useRawTrace } from '../../data/queries.ts';
import { Segmented } from '../../ui/controls.tsx';
import { ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import styles from './detail.module.css';

type Form = 'assembled' | 'stored';

/** The span as the trace shows it, or as it was stored: with its payload's tags, its tier and when it arrived. */
export function JsonTab({
  traceId,
  span,
}: {
  readonly traceId: string;
  readonly span: SpanJson;
}): ReactNode {
  const [form, setForm] = useState<Form>('assembled');
  return (
    <>
      <div>
        <Segmented<Form>
          label="Form"
          value={form}
          options={[
            { value: 'assembled', text: 'In the trace' },
            { value: 'stored', text: 'As stored' },
          ]}
          onChange={setForm}
        />
      </div>
      {form === 'assembled' ? (
        <pre className={styles['code']} tabIndex={0}>
          {JSON.stringify(span, null, 2)}
        </pre>
      ) : (
        <StoredSpan traceId={traceId} spanId={span.span_id} />
      )}
    </>
  );
}

function StoredSpan({
  traceId,
  spanId,
}: {
  readonly traceId: string;
  readonly spanId: string;
}): ReactNode {
  const raw = useRawTrace(traceId);
  if (raw.isPending) return <SkeletonRows rows={6} />;
  if (raw.isError) {
    return (
      <ErrorRegion
        title="Could not load the stored spans"
        error={raw.error}
        onRetry={() => void raw.refetch()}
      />
    );
  }
  const stored = raw.data.spans.filter((row) => row.span_id === spanId);
  if (stored.length === 0) {
    return <p className="faint">No stored row has this id: the span was made while assembling.</p>;
  }
  return stored.map((row, i) => (
    <pre key={i} className={styles['code']} tabIndex={0}>
      {JSON.stringify(row, null, 2)}
    </pre>
  ));
}
