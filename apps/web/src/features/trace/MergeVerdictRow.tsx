import type { MergeVerdict } from '@spanloom/contract';
import type { Grouping } from '@spanloom/flame';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Badge, Swatch } from '../../ui/controls.tsx';
import { CopyChip } from '../../ui/CopyButton.tsx';
import { formatPlural } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import type { IconName } from '../../ui/icon-paths.ts';
import { fixSnippet } from './fix-snippet.ts';
import { MergeConflict, shownSide } from './MergeConflict.tsx';
import styles from './MergeReport.module.css';
import type { Scene } from './scene.ts';
import { type VerdictTone, verdictTone, verdictWords } from './verdict-words.ts';

const ICONS: Readonly<Record<VerdictTone, IconName>> = {
  joined: 'merge',
  waiting: 'clock',
  plain: 'off',
  warn: 'warning',
  crit: 'warning',
};

interface Props {
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly selected: number;
  readonly onSelect: (row: number) => void;
  readonly verdict: MergeVerdict;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** One invocation's verdict; open, with what it rests on and what would mend it. */
export function MergeVerdictRow(props: Props): ReactNode {
  const { scene, grouping, verdict, open, onToggle } = props;
  const bodyId = useId();
  const tone = verdictTone(verdict.verdict);
  const spans = [...verdict.apm_span_ids, ...verdict.xray_span_ids];
  const row = spans.map(scene.rowOf).find((found) => found !== undefined);
  const slot = row === undefined ? undefined : grouping.groups[grouping.of[row]!]?.slot;
  return (
    <li className={styles['verdict']} data-testid="merge-verdict" data-tone={tone}>
      <button
        type="button"
        className={styles['row']}
        aria-expanded={open}
        aria-controls={bodyId}
        onClick={onToggle}
      >
        <span className={styles['icon']}>
          <Icon name={ICONS[tone]} size={14} />
        </span>
        <Swatch name={verdict.function} {...(slot !== undefined && { slot })} />
        <span className={`${styles['function']} medium ell`}>{verdict.function}</span>
        <span className={`${styles['words']} ell`} title={verdictWords(verdict.verdict)}>
          {verdictWords(verdict.verdict)}
        </span>
        {verdict.conflicts.length === 0 ? null : (
          <Badge look="warn">{formatPlural(verdict.conflicts.length, 'conflict')}</Badge>
        )}
        <Icon name={open ? 'down' : 'right'} size={12} className="faint" />
      </button>
      <div id={bodyId} hidden={!open} className={styles['body']}>
        {open ? <VerdictBody {...props} /> : null}
      </div>
    </li>
  );
}

function VerdictBody({ scene, verdict, selected, onSelect }: Props): ReactNode {
  const snippet = fixSnippet(verdict, scene.spanById);
  return (
    <>
      {verdict.evidence.length === 0 ? null : (
        <ul className={styles['evidence']}>
          {verdict.evidence.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {verdict.conflicts.map((conflict) => (
        <MergeConflict
          key={conflict.what}
          conflict={conflict}
          shown={shownSide(scene, verdict, conflict)}
        />
      ))}
      <div className={styles['spans']}>
        <SpanButtons
          what="APM"
          ids={verdict.apm_span_ids}
          scene={scene}
          selected={selected}
          onSelect={onSelect}
        />
        <SpanButtons
          what="X-Ray"
          ids={verdict.xray_span_ids}
          scene={scene}
          selected={selected}
          onSelect={onSelect}
        />
        {verdict.request_id === null ? null : (
          <CopyChip text={verdict.request_id} what="Request ID" />
        )}
      </div>
      {verdict.fix === null ? null : (
        <p className={styles['fix']}>
          <span className="medium">To join them: </span>
          {verdict.fix}
        </p>
      )}
      {snippet === undefined ? null : (
        <CodeBlock what="Fix" title={`For ${snippet.where}`} text={snippet.text} />
      )}
      {verdict.verdict === 'access_denied' ? (
        <Link to="/settings/xray" className="link">
          Show which permission is missing
        </Link>
      ) : null}
    </>
  );
}

function SpanButtons({
  what,
  ids,
  scene,
  selected,
  onSelect,
}: {
  readonly what: string;
  readonly ids: readonly string[];
  readonly scene: Scene;
  readonly selected: number;
  readonly onSelect: (row: number) => void;
}): ReactNode {
  if (ids.length === 0) return null;
  const row = ids.map(scene.rowOf).find((found) => found !== undefined);
  const text = `${what}, ${formatPlural(ids.length, 'span')}`;
  if (row === undefined) return <span className="faint">{text}</span>;
  return (
    <button
      type="button"
      className="link"
      aria-pressed={row === selected}
      onClick={() => onSelect(row)}
    >
      {text}
    </button>
  );
}
