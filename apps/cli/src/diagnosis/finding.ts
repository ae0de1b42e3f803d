/** Something `spanloom doctor` looked at. */
export interface Finding {
  /** `note`: works, but somebody should know. */
  readonly grade: 'ok' | 'note' | 'bad';
  readonly what: string;
  /** What to do about it. */
  readonly advice?: string;
}
