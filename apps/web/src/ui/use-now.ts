import { useEffect, useState } from 'react';

/** The time, moving on every `stepMs`. Stands still while `stepMs` is undefined and while the page is out of sight. */
export function useNow(stepMs: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (stepMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(Date.now());
    }, stepMs);
    return () => clearInterval(timer);
  }, [stepMs]);
  return now;
}
