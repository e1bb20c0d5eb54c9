export interface WebEngageAnswer {
  readonly status: number;
  /** Safe to store and to show: without anything that was sent. */
  readonly body: string;
}
