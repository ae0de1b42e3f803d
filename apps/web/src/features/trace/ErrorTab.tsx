import type { SpanJson } from '@spanloom/contract';
import { formatDuration } from '@spanloom/flame';
import type { ReactNode } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import { copyText } from '../../ui/Toast.tsx';
import { buttonClass } from '../../ui/controls.tsx';
import styles from './detail.module.css';
import { parseStack, type StackFrame } from './parse-stack.ts';
import { httpStatus, type Scene } from './scene.ts';

interface Props {
  readonly scene: Scene;
  readonly row: number;
  readonly span: SpanJson;
  readonly onSelect: (row: number) => void;
}

/** What failed, where in the code, and which span of the trace failed first. */
export function ErrorTab({ scene, row, span, onSelect }: Props): ReactNode {
  if (span.error !== 1) return <p className="faint">This span did not fail.</p>;
  const exception = span.events.find((event) => event.name === 'exception')?.attributes;
  const text = (...keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const value = span.meta[key] ?? exception?.[key];
      if (typeof value === 'string' && value !== '') return value;
    }
    return undefined;
  };
  const type = text('error.type', 'exception.type');
  const message = text('error.message', 'error.msg', 'exception.message');
  const stack = text('error.stack', 'exception.stacktrace');
  const status = Number(httpStatus(span) ?? 0);
  const first = firstToFail(scene);
  return (
    <>
      <div className={styles['errorBox']}>
        <div className="row" style={{ gap: 8, flexWrap: 'wrap' }}>
          <span className="err medium">{type ?? (status >= 400 ? `HTTP ${status}` : 'Error')}</span>
          {first === row ? (
            <span className="soft">first to fail in this trace</span>
          ) : first === undefined ? null : (
            <button type="button" className="link" onClick={() => onSelect(first)}>
              {scene.span(first)?.service} failed first,{' '}
              {formatDuration(scene.model.end[row]! - scene.model.end[first]!)} earlier
            </button>
          )}
        </div>
        {message === undefined ? (
          type === undefined && stack === undefined ? (
            <p className="soft">
              {status >= 400
                ? 'The response status counts as a failure here; no exception was recorded.'
                : 'The tracer marked the span as failed without saying why.'}
            </p>
          ) : null
        ) : (
          <p className="mono">{message}</p>
        )}
      </div>
      {stack === undefined ? null : <Stack stack={stack} />}
    </>
  );
}

/** The failed span that ended first: what failed after it may only have passed the failure on. */
function firstToFail(scene: Scene): number | undefined {
  let first: number | undefined;
  for (const row of scene.errorRows) {
    if (scene.span(row) === undefined) continue;
    if (first === undefined || scene.model.end[row]! < scene.model.end[first]!) first = row;
  }
  return first;
}

function Stack({ stack }: { readonly stack: string }): ReactNode {
  const frames = parseStack(stack);
  return (
    <>
      {frames.length === 0 ? (
        <pre className={styles['code']} tabIndex={0}>
          {stack}
        </pre>
      ) : (
        <div className={styles['frames']} data-testid="stack-frames">
          {runs(frames).map((run, i) =>
            run[0]!.library ? (
              <details key={i}>
                <summary>
                  {run.length} library {run.length === 1 ? 'frame' : 'frames'}
                </summary>
                {run.map((frame, j) => (
                  <Frame key={j} frame={frame} />
                ))}
              </details>
            ) : (
              run.map((frame, j) => <Frame key={`${i} ${j}`} frame={frame} />)
            ),
          )}
        </div>
      )}
      <div>
        <button
          type="button"
          className={buttonClass()}
          onClick={() => void copyText(stack, 'Stack trace')}
        >
          <Icon name="copy" size={12} />
          Copy stack trace
        </button>
      </div>
    </>
  );
}

function Frame({ frame }: { readonly frame: StackFrame }): ReactNode {
  return (
    <div className={styles['frame']} data-library={frame.library}>
      <span className={`mono ell ${frame.library ? '' : 'medium'}`}>{frame.function}</span>
      <span className="mono faint ell" title={frame.location}>
        <bdi>{frame.location}</bdi>
      </span>
    </div>
  );
}

/** Neighbouring frames of the same kind. */
function runs(frames: readonly StackFrame[]): readonly (readonly StackFrame[])[] {
  const found: StackFrame[][] = [];
  for (const frame of frames) {
    const last = found.at(-1);
    if (last !== undefined && last[0]!.library === frame.library) last.push(frame);
    else found.push([frame]);
  }
  return found;
}
