import type { Administration } from '@paid-community/shared/platform/backends/backend.ts';
import { defineEndpoint, type Endpoint } from '@paid-community/shared/platform/http/endpoint.ts';
import type { HttpErrorCode } from '@paid-community/shared/platform/http/http-error.ts';
import type { Security } from '@paid-community/shared/platform/http/security.ts';
import type { Logger } from '@paid-community/shared/platform/log/logger.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import type { TaskQueue } from '@paid-community/shared/platform/ports/task-queue.ts';
import type { Issue, Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static, type TObject } from 'typebox';
import type { IntakeConfig } from '../../config.ts';
import { beginAudit, type Logged } from './audit.ts';
import { refusePortError } from './refuse-port-error.ts';
import { INVALID_ARGUMENTS } from './invalid-arguments.ts';

const OPERATOR_PATH = '/v1/ops';

/** Operations of one kind that an operator may have under way: a command sends one after the other. */
const AT_ONCE = 20;

const operatorKey: Security = {
  name: 'operatorKey',
  description: 'One of OPERATOR_API_KEYS. Each action is logged with the name of the key.',
  sentAs: 'key',
};

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

export interface OperationDefinition<Input extends TObject, Answer extends TObject> {
  /** `<things>.<verb>`, as the log line and the OpenAPI file call it. */
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** Below `/v1/ops`. Segments `:name` are fields of the input. */
  readonly path: string;
  /** Codes of its own, beside `unavailable`; what ports refuse counts too. */
  readonly refusals?: readonly HttpErrorCode[] | undefined;
  /** One sentence for the OpenAPI file. */
  readonly summary: string;
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

/** An operation is an endpoint with a line in the audit log. */
export type Operation = Endpoint<OperatorDeps>;

export function defineOperation<Input extends TObject, Answer extends TObject>(
  definition: OperationDefinition<Input, Answer>,
): Operation {
  const { action, method, path, summary, input: schema, answer, refusals = [], logged, run } = definition;
  return defineEndpoint<Input, TObject, OperatorDeps>({
    id: action,
    method,
    path: OPERATOR_PATH + path,
    summary,
    security: operatorKey,
    atOnce: AT_ONCE,
    input: schema,
    answer: {
      status: 200,
      description: 'Done',
      schema: Type.Object({ ok: Type.Literal(true), ...answer.properties }),
    },
    refusals: [...refusals, 'unavailable'],
    namesUnknown: true,
    texts: {
      invalid: INVALID_ARGUMENTS,
      notAnObject: 'The body must be a JSON object; {} when there is nothing to say',
    },
    check: checkRange,
    onInvalid: (refusal, { caller, traceparent }, deps) => {
      beginAudit({ action, operator: caller, traceparent }, deps).failed({}, refusal);
    },
    handle: async (input, { caller: operator, traceparent }, deps) => {
      const audit = beginAudit({ action, operator, traceparent }, deps);
      try {
        const said = await run(input, { ...deps, operator, traceparent });
        audit.done(logged(input, said));
        return { ok: true, ...said };
      } catch (error) {
        const refusal = refusePortError(error);
        audit.failed(logged(input, undefined), refusal);
        throw refusal;
      }
    },
  });
}

/**
 * Times are texts of one form and zone, so they compare as texts. A range that holds nothing is a mistake, not a
 * question.
 */
function checkRange({ since, until }: { readonly since?: unknown; readonly until?: unknown }): readonly Issue[] {
  if (typeof since !== 'string' || typeof until !== 'string' || since < until) return [];
  return [{ path: '/until', message: 'must be after since' }];
}
