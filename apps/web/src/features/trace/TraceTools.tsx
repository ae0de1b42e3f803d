import type { TraceResponse } from '@spanloom/contract';
import { type ReactNode, type RefObject, useMemo } from 'react';
import { Choice } from '../../ui/Choice.tsx';
import { Check, Segmented } from '../../ui/controls.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { MergeButton } from './MergeButton.tsx';
import styles from './trace.module.css';
import {
  type ColourBy,
  colourings,
  type SidePanelName,
  type TraceUrl,
  type TraceViewName,
  traceViews,
} from './url.ts';

interface Props {
  readonly url: TraceUrl;
  readonly find: string;
  readonly findInput: RefObject<HTMLInputElement | null>;
  readonly hits: readonly number[];
  /** Position of the selected span among the hits, -1 when it is none. */
  readonly hitIndex: number;
  readonly findProblem: string | undefined;
  readonly trace: TraceResponse;
  readonly panel: SidePanelName | undefined;
  readonly onView: (view: TraceViewName) => void;
  readonly onColour: (by: ColourBy) => void;
  readonly onCriticalPath: (on: boolean) => void;
  readonly onErrorsOnly: (on: boolean) => void;
  readonly onHideDuplicates: (on: boolean) => void;
  readonly onAlignClocks: (on: boolean) => void;
  readonly onPanel: (panel: SidePanelName) => void;
  readonly onFind: (text: string) => void;
  readonly onStep: (by: 1 | -1) => void;
}

/** View, colours, overlays and search of a trace. */
export function TraceTools({
  url,
  find,
  findInput,
  hits,
  hitIndex,
  findProblem,
  trace,
  panel,
  onView,
  onColour,
  onCriticalPath,
  onErrorsOnly,
  onHideDuplicates,
  onAlignClocks,
  onPanel,
  onFind,
  onStep,
}: Props): ReactNode {
  const { duplicates, fromXRay, skewed } = useMemo(() => countSpans(trace), [trace]);
  return (
    <div className={styles['tools']}>
      <Segmented
        label="View"
        value={url.view}
        options={traceViews}
        onChange={onView}
        testId="trace-view"
      />
      {url.view === 'list' ? null : (
        <Choice
          label="Colour"
          look="ghost"
          value={url.colourBy}
          options={colourings}
          onChange={onColour}
          testId="colour-by"
        />
      )}
      <Check checked={url.criticalPath} onChange={onCriticalPath}>
        Critical path
      </Check>
      <Check checked={url.errorsOnly} onChange={onErrorsOnly}>
        Errors only
      </Check>
      {duplicates > 0 ? (
        <Check checked={url.hideDuplicates} onChange={onHideDuplicates} testId="hide-duplicates">
          Hide {fromXRay ? 'X-Ray duplicates' : 'duplicates'}{' '}
          <span className="faint">{formatCount(duplicates)}</span>
        </Check>
      ) : null}
      {skewed > 0 ? (
        <Check checked={url.alignClocks} onChange={onAlignClocks} testId="align-clocks">
          Align clocks <span className="faint">{formatCount(skewed)}</span>
        </Check>
      ) : null}
      {trace.merge.length > 0 ? (
        <MergeButton trace={trace} panel={panel} onPanel={onPanel} />
      ) : null}
      <span className="grow" />
      <div className={styles['find']} data-invalid={findProblem !== undefined} title={findProblem}>
        <Icon name="search" size={14} />
        <input
          ref={findInput}
          value={find}
          onChange={(event) => onFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
            if (event.key === 'Escape') {
              if (find === '') event.currentTarget.blur();
              onFind('');
            }
          }}
          placeholder="Find in this trace"
          aria-label="Find in this trace"
          aria-invalid={findProblem !== undefined}
          data-testid="trace-find"
          spellCheck={false}
        />
        {find.trim() === '' ? null : (
          <span style={{ whiteSpace: 'nowrap' }} role="status" data-testid="find-hits">
            {findProblem !== undefined
              ? 'not a query'
              : hitIndex >= 0
                ? `${hitIndex + 1} of ${hits.length}`
                : `${formatCount(hits.length)} hits`}
          </span>
        )}
        <button
          type="button"
          aria-label="Previous hit"
          disabled={hits.length === 0}
          onClick={() => onStep(-1)}
        >
          <Icon name="up" size={12} />
        </button>
        <button
          type="button"
          aria-label="Next hit"
          disabled={hits.length === 0}
          onClick={() => onStep(1)}
        >
          <Icon name="down" size={12} />
        </button>
      </div>
    </div>
  );
}

/** Spans that others show already, whether X-Ray has to do with it, and clocks that are off. */
function countSpans({ spans, sources, problems }: TraceResponse): {
  readonly duplicates: number;
  readonly fromXRay: boolean;
  readonly skewed: number;
} {
  let duplicates = 0;
  let skewed = 0;
  for (const span of spans) {
    if (span.hidden) duplicates++;
    if (span.skew_ns !== 0) skewed++;
  }
  // A clock that is off takes along every span below it: what is counted is the clocks.
  const clocks = problems.filter(({ kind }) => kind === 'clock_skew').length;
  return { duplicates, fromXRay: sources.xray > 0, skewed: Math.min(skewed, clocks || skewed) };
}
