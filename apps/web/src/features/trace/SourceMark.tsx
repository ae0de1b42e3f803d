import type { ReactNode } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import styles from './SourceMark.module.css';
import { sourceWords } from './span-source.ts';

/** Who reported a row, as texture: the marks of the flame graph in small. `decorative` where words stand beside it. */
export function SourceMark({
  sources,
  decorative,
}: {
  readonly sources: readonly string[];
  readonly decorative?: boolean;
}): ReactNode {
  const words = sourceWords(sources);
  const name =
    decorative === true
      ? { 'aria-hidden': true as const }
      : { role: 'img' as const, 'aria-label': words, title: words };
  if (sources.length > 1) {
    return (
      <span className={styles['merged']} {...name}>
        <Icon name="merge" size={12} />
      </span>
    );
  }
  return <i className={styles['mark']} data-source={sources[0]} {...name} />;
}
