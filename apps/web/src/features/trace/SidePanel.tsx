import type { Grouping } from '@spanloom/flame';
import type { ReactNode } from 'react';
import { Button } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { DataQuality } from './DataQuality.tsx';
import { MergeReport } from './MergeReport.tsx';
import type { Scene } from './scene.ts';
import styles from './SidePanel.module.css';
import type { SidePanelName } from './url.ts';

const TITLES: Readonly<Record<SidePanelName, string>> = {
  merge: 'Merge report',
  quality: 'Data quality',
};

interface Props {
  readonly panel: SidePanelName;
  readonly scene: Scene;
  readonly grouping: Grouping;
  readonly selected: number;
  readonly onSelect: (row: number) => void;
  readonly onClose: () => void;
}

/** What is known about the trace as a whole, beside the details of one span. */
export function SidePanel(props: Props): ReactNode {
  const { panel, onClose } = props;
  return (
    <section
      id="trace-side-panel"
      className={styles['panel']}
      aria-label={TITLES[panel]}
      data-testid="side-panel"
    >
      <header className={styles['head']}>
        <h3>{TITLES[panel]}</h3>
        <Button
          look="ghost"
          iconOnly
          onClick={onClose}
          aria-label={`Close ${TITLES[panel].toLowerCase()}`}
        >
          <Icon name="x" size={14} />
        </Button>
      </header>
      <div className={styles['body']} tabIndex={0} role="group" aria-label={TITLES[panel]}>
        {panel === 'merge' ? <MergeReport {...props} /> : <DataQuality {...props} />}
      </div>
    </section>
  );
}
