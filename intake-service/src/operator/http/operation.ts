import type { Administration } from '@paid-community/shared/platform/backends/backend.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import { compileValidator, type Written } from '@paid-community/shared/platform/validation/validator.ts';
import type { Static, TObject } from 'typebox';
import type { IntakeConfig } from '../../config.ts';
import { refusePortError } from './refuse-port-error.ts';

/** What operations act on: the ports themselves, with preconditions, so that they are safe beside the services. */
export interface OperatorDeps {
  readonly eventBus: EventBus;
  readonly taskQueue: TaskQueue;
  readonly store: DocumentStore;
  readonly administration: Administration;
  readonly config: Pick<IntakeConfig, 'RETENTION_DAYS'>;
  /** @throws when the backend does not answer. */
  readonly checkReady: () => Promise<void>;
  /** Folder of the database, where there is one. */
  readonly dataDir: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One call of an operation, and who made it. */
export interface OperatorCall extends OperatorDeps {
  /** Name of the operator's key. */
  readonly operator: string;
  readonly traceparent: string;
}

/** What a log line may hold. */
export type Logged = Readonly<Record<string, string | number | boolean | undefined>>;

export interface OperationDefinition<Input extends TObject, Answer extends TObject> {
  /** `<things>.<verb>`, as the log line and the OpenAPI file call it. */
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** Below `/v1/ops`. Segments `:name` are fields of the input. */
  readonly path: string;
  /** One sentence for the OpenAPI file. */
  readonly summary: string;
  /**
   * Path segments together with the query (GET) or the JSON body (POST). Nothing that identifies a person belongs into
   * a path or a query: platforms log them.
   */
  readonly input: Input;
  /** Beside `ok`. */
  readonly answer: Answer;
  /** For the audit line: arguments without personal data, and numbers. */
  readonly logged: (input: Static<Input>, answer: Written<Static<Answer>> | undefined) => Logged;
  /**
   * Does a bounded piece of work; more of it comes in pages with a cursor.
   * @throws HttpError, with a message that says what would be right.
   */
  readonly run: (input: Static<Input>, call: OperatorCall) => Promise<Written<Static<Answer>>>;
}

/** An operation as the table of routes holds it, whatever its types. */
export interface Operation extends Pick<
  OperationDefinition<TObject, TObject>,
  'action' | 'method' | 'path' | 'summary' | 'input' | 'answer'
> {
  /** @throws HttpError invalid_request before anything is done; OperationFailed with what `run` threw. */
  readonly perform: (input: unknown, call: OperatorCall) => Promise<Performed>;
}

export interface Performed {
  readonly answer: object;
  readonly logged: Logged;
}

/** What went wrong, with what the log may hold of the arguments. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
  readonly logged: Logged;

  constructor(logged: Logged, cause: unknown) {
    super('The operation failed', { cause });
    this.logged = logged;
  }
}

export function defineOperation<Input extends TObject, Answer extends TObject>(
  definition: OperationDefinition<Input, Answer>,
): Operation {
  // The values of a query are texts.
  const validate = compileValidator(definition.input, { texts: definition.method === 'GET' });
  return {
    ...definition,
    perform: async (untrusted, call) => {
      const input = validate(untrusted);
      if (!input.valid) throw new HttpError('invalid_request', 'The arguments are not valid', input.issues);
      checkRange(input.value);
      try {
        const answer = await definition.run(input.value, call);
        return { answer, logged: definition.logged(input.value, answer) };
      } catch (error) {
        throw new OperationFailed(definition.logged(input.value, undefined), refusePortError(error));
      }
    },
  };
}

/**
 * Times are texts of one form and zone, so they compare as texts. A range that holds nothing is a mistake, not a
 * question.
 */
function checkRange({ since, until }: { readonly since?: unknown; readonly until?: unknown }): void {
  if (typeof since !== 'string' || typeof until !== 'string' || since < until) return;
  throw new HttpError('invalid_request', 'The arguments are not valid', [
    { path: '/until', message: 'must be after since' },
  ]);
}
