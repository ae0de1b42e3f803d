import type { ServicesCoverage } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { formatCount, formatInstant } from './format.ts';
import { Icon } from './Icon.tsx';
import { usePreferences } from './preferences.ts';
import styles from './states.module.css';

/** Says so where figures are not of the whole range, or not everything is shown. */
export function CoverageNotice({ coverage }: { readonly coverage: ServicesCoverage }): ReactNode {
  const { timeZone } = usePreferences();
  if (coverage.complete && !coverage.truncated) return null;
  return (
    <p className={styles['notice']} role="status" data-testid="coverage">
      <Icon name="cut" size={14} />
      {coverage.complete
        ? ''
        : `Figures are of the latest ${formatCount(coverage.spans)} spans, from ${formatInstant(Date.parse(coverage.from), timeZone)} on: the range holds more than one question reads. `}
      {coverage.truncated
        ? 'There is more than fits; what is rarest is missing. Choose an environment or a shorter range.'
        : ''}
    </p>
  );
}
