import type { SpanJson } from '@spanloom/contract';
import { Flag } from '@spanloom/flame';
import type { ReactNode } from 'react';
import { Badge } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { inferredEvidence } from './inferred-evidence.ts';
import { skewWords } from './problem-groups.ts';
import type { Scene } from './scene.ts';
import { sourcesOf, sourceWords } from './span-source.ts';
import { SourceMark } from './SourceMark.tsx';

interface Props {
  readonly scene: Scene;
  readonly row: number;
  readonly span: SpanJson;
}

/** Who reported a span, and what is odd about it. */
export function SpanBadges({ scene, row, span }: Props): ReactNode {
  const flags = scene.model.flags[row]!;
  const sources = sourcesOf(span, scene.spanById);
  const evidence = inferredEvidence(span);
  return (
    <>
      {span.unfinished ? <Badge look="warn">did not finish</Badge> : null}
      {(flags & Flag.throttled) !== 0 ? (
        <Badge look="warn">
          <Icon name="throttled" size={12} />
          throttled
        </Badge>
      ) : (flags & Flag.clientError) !== 0 ? (
        <Badge look="warn">client error</Badge>
      ) : null}
      {span.skew_ns === 0 ? null : (
        <Badge look="warn">
          <Icon name="skew" size={12} />
          <span
            title={`It seems to be ${skewWords(span.skew_ns)} of its caller’s clock. ${
              scene.model.shift === undefined ? 'Drawn as reported.' : 'Drawn aligned.'
            }`}
          >
            clock {skewWords(span.skew_ns)}
          </span>
        </Badge>
      )}
      {span.hidden ? <Badge look="line">duplicate</Badge> : null}
      <Badge look="line">
        <SourceMark sources={sources} decorative />
        <span
          data-testid="span-source"
          title={evidence === undefined ? undefined : `Inferred from ${evidence}`}
        >
          {sourceWords(sources)}
        </span>
      </Badge>
    </>
  );
}
