/** A purchase does not get beyond this step. The message says why. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  /** What to do or to look at, a line each. */
  readonly advice: readonly string[];

  constructor(message: string, advice: readonly string[], options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}
