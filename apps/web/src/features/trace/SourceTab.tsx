import type { SpanJson } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { useRawTrace } from '../../data/queries.ts';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Badge } from '../../ui/controls.tsx';
import { formatInstant, formatPlural, formatSeconds } from '../../ui/format.ts';
import { usePreferences } from '../../ui/preferences.ts';
import { ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import { inputsOf, type SpanInput } from './field-origins.ts';
import { OriginTable } from './OriginTable.tsx';
import type { Scene } from './scene.ts';
import { SourceMark } from './SourceMark.tsx';
import styles from './SourceTab.module.css';
import { SpanRelations } from './SpanRelations.tsx';

interface Props {
  readonly scene: Scene;
  readonly span: SpanJson;
  readonly onSelect: (row: number) => void;
  readonly onReveal: (id: string) => void;
}

/** Which stored rows a span was made of, what each of them says, and which side every field came from. */
export function SourceTab(props: Props): ReactNode {
  const { scene, span } = props;
  const raw = useRawTrace(scene.trace.trace_id);
  return (
    <>
      <SpanRelations {...props} />
      {raw.data !== undefined ? (
        <Inputs
          scene={scene}
          span={span}
          inputs={inputsOf(span, raw.data.spans)}
          onLookAgain={() => void raw.refetch()}
        />
      ) : raw.isPending ? (
        <SkeletonRows rows={6} />
      ) : (
        <ErrorRegion
          title="Could not load the stored rows"
          error={raw.error}
          onRetry={() => void raw.refetch()}
        />
      )}
    </>
  );
}

function Inputs({
  scene,
  span,
  inputs,
  onLookAgain,
}: {
  readonly scene: Scene;
  readonly span: SpanJson;
  readonly inputs: readonly SpanInput[];
  readonly onLookAgain: () => void;
}): ReactNode {
  if (inputs.length === 0) {
    return (
      <p className="faint">
        No stored row has this id: the span was made while assembling, or has arrived since the rows
        were read.{' '}
        <button type="button" className="link" onClick={onLookAgain}>
          Look again
        </button>
      </p>
    );
  }
  const current = inputs.filter(({ row }) => !row.superseded);
  return (
    <>
      {current.length > 1 ? (
        <OriginTable span={span} inputs={current} traceStartNs={scene.trace.start_ns} />
      ) : null}
      <section data-testid="span-inputs">
        <h4 className={styles['title']}>
          {current.length === 1
            ? 'Made of one stored row'
            : `Made of ${current.length} stored rows`}
          {current.length === inputs.length ? null : (
            <span className="faint">
              {' '}
              and {formatPlural(inputs.length - current.length, 'earlier version')}
            </span>
          )}
        </h4>
        <div className={styles['inputs']}>
          {inputs.map((input) => (
            <Input
              key={`${input.row.source} ${input.row.span_id} ${input.row.batch} ${input.row.start_ns}`}
              input={input}
            />
          ))}
        </div>
      </section>
    </>
  );
}

function Input({
  input: { row, label, tiers, delayMs },
}: {
  readonly input: SpanInput;
}): ReactNode {
  const { timeZone } = usePreferences();
  const receivedMs = Date.parse(row.received_at);
  return (
    <article className={styles['input']} aria-label={`${label} row ${row.span_id}`}>
      <header className={styles['head']}>
        <SourceMark sources={[row.source]} decorative />
        <span className="medium">{label}</span>
        <span className="ell faint">{row.name}</span>
        {row.superseded ? <Badge look="line">replaced by a later version</Badge> : null}
      </header>
      <dl className={styles['facts']}>
        <div>
          <dt>received</dt>
          <dd title={row.received_at}>{formatInstant(receivedMs, timeZone)}</dd>
        </div>
        <div>
          <dt>delay</dt>
          <dd>{delayWords(delayMs)}</dd>
        </div>
        <div>
          <dt>batch</dt>
          <dd className="mono">{row.batch}</dd>
        </div>
        <div>
          <dt>stored in</dt>
          <dd>{tiers.join(', ')}</dd>
        </div>
        {row.flags.length === 0 ? null : (
          <div>
            <dt>flags</dt>
            <dd>{row.flags.join(', ')}</dd>
          </div>
        )}
        {row.meta['xray.document'] === undefined ? null : (
          <div>
            <dt>document</dt>
            <dd>
              {row.meta['xray.document']}{' '}
              <span className="mono">{row.meta['xray.segment_id']}</span>
            </dd>
          </div>
        )}
      </dl>
      <CodeBlock
        what={`${label} row`}
        title={
          <>
            span <span className="mono">{row.span_id}</span>,{' '}
            {formatPlural(Object.keys(row.meta).length + Object.keys(row.metrics).length, 'tag')}
          </>
        }
        text={JSON.stringify(row, null, 2)}
      />
    </article>
  );
}

function delayWords(delayMs: number): string {
  if (delayMs < 0) return 'before its end';
  return delayMs < 1000
    ? `${delayMs} ms after its end`
    : `${formatSeconds(delayMs / 1000)} after its end`;
}
