import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';

export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export interface Question {
  readonly id: number;
  readonly job: unknown;
}

/** The child's side of ChildProcess.ask. The child ends when its parent does, however that ended. */
export function answerParent(work: (job: never) => unknown): void {
  process.on('message', ({ id, job }: Question) => {
    void Promise.resolve()
      .then(() => work(job as never))
      .then(
        (result): Reply => ({ id, result }),
        (error: unknown): Reply => ({ id, error: errorMessage(error) }),
      )
      .then((reply) => process.send?.(reply));
  });
  // A job that is being done would keep it alive.
  process.once('disconnect', () => process.exit());
  // An end by the default of the signal would write no CPU profile.
  process.once('SIGTERM', () => process.exit());
  // Ctrl-C reaches the whole group; the parent decides when its children end.
  process.on('SIGINT', () => undefined);
}
