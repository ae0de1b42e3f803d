import type { ReactNode, RefObject } from 'react';
import { Choice } from '../../ui/Choice.tsx';
import { Check, Segmented } from '../../ui/controls.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import styles from './trace.module.css';
import { type ColourBy, colourings, type TraceUrl, type TraceViewName, traceViews } from './url.ts';

interface Props {
  readonly url: TraceUrl;
  readonly find: string;
  readonly findInput: RefObject<HTMLInputElement | null>;
  readonly hits: readonly number[];
  /** Position of the selected span among the hits, -1 when it is none. */
  readonly hitIndex: number;
  readonly findProblem: string | undefined;
  readonly foldedSpans: number;
  readonly showFolded: boolean;
  readonly onView: (view: TraceViewName) => void;
  readonly onColour: (by: ColourBy) => void;
  readonly onCriticalPath: (on: boolean) => void;
  readonly onErrorsOnly: (on: boolean) => void;
  readonly onShowFolded: (on: boolean) => void;
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
  foldedSpans,
  showFolded,
  onView,
  onColour,
  onCriticalPath,
  onErrorsOnly,
  onShowFolded,
  onFind,
  onStep,
}: Props): ReactNode {
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
      {foldedSpans > 0 ? (
        <Check checked={!showFolded} onChange={(on) => onShowFolded(!on)}>
          Hide duplicates <span className="faint">{formatCount(foldedSpans)}</span>
        </Check>
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
